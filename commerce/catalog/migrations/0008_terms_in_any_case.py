"""Sizes and colours are found in capitals or not: by an index, however many are asked for."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    atomic = False  # CONCURRENTLY

    dependencies = [("catalog", "0007_sections_by_rule")]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX CONCURRENTLY shelf_terms_any_case ON shelf_terms "
            "(facet, lower(value), lower(other))",
            "DROP INDEX CONCURRENTLY shelf_terms_any_case",
        ),
    ]
