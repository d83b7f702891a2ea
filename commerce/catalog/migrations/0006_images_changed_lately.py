"""Finds images that changed lately, as those of products, variants and stock are found."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    atomic = False  # CONCURRENTLY

    dependencies = [("catalog", "0005_words_anew")]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX CONCURRENTLY product_images_changed ON product_images "
            "USING brin (updated_at) WITH (pages_per_range = 16, autosummarize = on)",
            "DROP INDEX CONCURRENTLY product_images_changed",
        )
    ]
