"""Lets the shelf be copied anew: colours, sizes and compounds are searched from now on."""

from __future__ import annotations

from django.db import migrations

# The job takes every product for changed since then; readers have what is there meanwhile.
FORGET = "UPDATE shelf_state SET seen_until = '2000-01-01'"


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_search_synonyms")]

    operations = [migrations.RunSQL(FORGET, migrations.RunSQL.noop)]
