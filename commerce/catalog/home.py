"""The home screen: its sections in order, each with its content, in five queries however many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from commerce.catalog import sections
from commerce.catalog.cards import found_by
from commerce.catalog.models import Category, HomeSection, SectionKind
from commerce.catalog.reads import active_categories
from commerce.catalog.serializers import card, picture
from commerce.catalog.shelf.choosing import Chosen, choose


def home() -> list[dict[str, Any]]:
    """The sections that are shown now; those with nothing in them are left out."""
    return shown(list(_current_sections()))


def told(section: Mapping[str, Any]) -> dict[str, Any]:
    """What `SectionOutput` makes of a section, in a fraction of its time."""
    banner = section["banner"]
    return {
        **section,
        "id": str(section["id"]),
        "banner": banner and {**banner, "image": picture(banner["image"])},
        "categories": [
            {"name": one.name, "slug": one.slug, "image": picture(one.image)}
            for one in section["categories"]
        ],
        "products": [card(one) for one in section["products"]],
    }


def shown(listed: Sequence[HomeSection]) -> list[dict[str, Any]]:
    """The sections with their content, as `SectionOutput` shows it."""
    categories = _categories(listed)
    chosen = chosen_by(listed)
    cards = _cards(listed, chosen)
    rows = [
        {
            "id": one.id,
            "kind": one.kind,
            "title": one.title,
            "banner": _banner(one),
            "categories": [categories[slug] for slug in _slugs(one) if slug in categories],
            "ages": sections.age_bands(one),
            "products": _products(one, chosen, cards),
            "link": sections.link_of(one),
        }
        for one in listed
    ]
    content = ("banner", "categories", "ages", "products")
    return [row for row in rows if any(row[name] for name in content)]


def chosen_by(listed: Sequence[HomeSection]) -> dict[UUID, Chosen]:
    """What the shelf has for each of the sections that fill themselves; two queries for all."""
    asked = {one.id: sections.choice_of(one) for one in listed}
    choices = {key: choice for key, choice in asked.items() if choice}
    return dict(zip(choices, choose(list(choices.values())), strict=True))


def _current_sections() -> QuerySet[HomeSection]:
    return HomeSection.objects.filter(
        Q(starts_at=None) | Q(starts_at__lte=Now()),
        Q(ends_at=None) | Q(ends_at__gt=Now()),
        is_active=True,
        is_deleted=False,
    ).order_by("position", "id")


def _slugs(section: HomeSection) -> list[str]:
    """The slugs of categories that a section names."""
    return sections.listed(section, "slugs") if section.kind == SectionKind.CATEGORIES else []


def _picked(section: HomeSection) -> list[str]:
    """The slugs of products that somebody picked for a section."""
    return sections.listed(section, "products") if section.kind == SectionKind.COLLECTION else []


def _categories(listed: Sequence[HomeSection]) -> dict[str, Category]:
    wanted = {slug for one in listed for slug in _slugs(one)}
    if not wanted:
        return {}
    return {one.slug: one for one in active_categories().filter(slug__in=wanted)}


def _cards(
    listed: Sequence[HomeSection], chosen: Mapping[UUID, Chosen]
) -> dict[UUID | str, dict[str, Any]]:
    """The cards of all sections, by key and by slug."""
    slugs = {slug for one in listed for slug in _picked(one)}
    ids = {key for found in chosen.values() for key in found.ids}
    if not slugs and not ids:
        return {}
    cards: dict[UUID | str, dict[str, Any]] = {}
    for one in found_by(ids, slugs):
        cards[one["id"]] = cards[one["slug"]] = one
    return cards


def _products(
    section: HomeSection,
    chosen: Mapping[UUID, Chosen],
    cards: Mapping[UUID | str, dict[str, Any]],
) -> list[dict[str, Any]]:
    """The section's cards in its own order; what has left the shop meanwhile is left out."""
    found = chosen.get(section.id)
    keys: Sequence[UUID | str] = found.ids if found else _picked(section)
    return [cards[key] for key in keys if key in cards]


def _banner(section: HomeSection) -> dict[str, str] | None:
    if section.kind != SectionKind.BANNER:
        return None
    return {name: str(section.content.get(name, "")) for name in ("image", "link", "alt")}
