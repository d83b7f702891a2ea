"""The shelf: what lists read instead of the catalogue (docs/search.md)."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations

TABLES = Path(__file__).resolve().parent.parent / "shelf" / "sql" / "tables.sql"
DROP = """
DROP TABLE shelf_products, shelf_terms, shelf_bits, shelf_counts, shelf_scopes, shelf_words,
    shelf_state
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]

    operations = [migrations.RunSQL(TABLES.read_text(encoding="utf-8"), DROP)]
