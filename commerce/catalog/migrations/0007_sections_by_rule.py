"""Home sections of age bands, and collections by a rule of more than a category."""

from __future__ import annotations

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

KINDS = {
    "banner": "Banner",
    "collection": "Collection",
    "categories": "Categories",
    "ages": "Ages",
    "newest": "Newest",
    "popular": "Popular",
}
TO_RULES = """
UPDATE home_sections
SET content = (content - 'category')
    || jsonb_build_object('rule', jsonb_build_object('category', content -> 'category'))
WHERE kind = 'collection' AND content ? 'category' AND NOT content ? 'products'
"""
FROM_RULES = """
UPDATE home_sections
SET content = (content - 'rule') || jsonb_build_object('category', content #> '{rule,category}')
WHERE kind = 'collection' AND content #> '{rule,category}' IS NOT NULL
"""


class Migration(migrations.Migration):
    atomic = False  # or the table would be locked while the constraint is validated

    dependencies = [("catalog", "0006_images_changed_lately")]

    operations = [
        migrations.RunSQL(TO_RULES, FROM_RULES),
        migrations.RunSQL(
            # squawk warns of guarantees that are lost; a wider one takes its place below.
            "-- squawk-ignore ban-drop-constraint\n"
            "ALTER TABLE home_sections DROP CONSTRAINT home_sections_kind",
            "ALTER TABLE home_sections ADD CONSTRAINT home_sections_kind CHECK (kind IN "
            "('banner', 'collection', 'categories', 'newest', 'popular')) NOT VALID",
            state_operations=[migrations.RemoveConstraint("homesection", "home_sections_kind")],
        ),
        migrations.AlterField(
            "homesection", "kind", models.CharField(choices=list(KINDS.items()), max_length=20)
        ),
        AddConstraintNotValid(
            "homesection",
            models.CheckConstraint(
                condition=models.Q(("kind__in", list(KINDS))), name="home_sections_kind"
            ),
        ),
        ValidateConstraint("homesection", "home_sections_kind"),
    ]
