"""Finds what changed lately; block ranges stay small and leave updates of a row where it lies."""

from __future__ import annotations

from django.db import migrations

TABLES = ("products", "variants", "inventory")


class Migration(migrations.Migration):
    atomic = False  # CONCURRENTLY

    dependencies = [("catalog", "0002_shelf"), ("inventory", "0002_initial")]

    operations = [
        migrations.RunSQL(
            f"CREATE INDEX CONCURRENTLY {table}_changed ON {table} "
            "USING brin (updated_at) WITH (pages_per_range = 16, autosummarize = on)",
            f"DROP INDEX CONCURRENTLY {table}_changed",
        )
        for table in TABLES
    ]
