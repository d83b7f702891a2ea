"""Keeps the paths of the category tree when a node is named anew or moved."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Concat, Substr

from commerce.catalog.models import Category


def path_of(category: Category) -> str:
    """The slugs from the root down to the category."""
    above = category.parent.path if category.parent else "/"
    return f"{above}{category.slug}/"


@transaction.atomic
def place(category: Category) -> None:
    """Store the category below its parent, and carry all that is below it along."""
    before, category.path = category.path, path_of(category)
    category.save()
    if before and before != category.path:
        below = Category.objects.filter(path__startswith=before).exclude(pk=category.pk)
        below.update(path=Concat(Value(category.path), Substr("path", len(before) + 1)))
