"""The home screen: its sections in order, each with its content, in four queries however many."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Now

from commerce.catalog.models import HomeSection, Product, SectionKind
from commerce.catalog.reads import (
    active_categories,
    in_category,
    product_cards,
    visible_products,
)

ORDERS = {
    SectionKind.NEWEST: ("-published_at", "-id"),
    SectionKind.POPULAR: ("-popularity", "-id"),
    SectionKind.COLLECTION: ("-popularity", "-id"),
}


def home() -> list[dict[str, Any]]:
    """The sections that are shown now, `{id, kind, title, content}`; empty ones are left out."""
    sections = list(_current_sections())
    categories = _categories(sections)
    chosen = _chosen_products(sections, categories)
    cards = _cards(sections, chosen)
    shown = [
        {
            "id": one.id,
            "kind": one.kind,
            "title": one.title,
            "banner": _banner(one),
            "categories": [categories[slug] for slug in _slugs(one) if slug in categories]
            if one.kind == SectionKind.CATEGORIES
            else [],
            "products": _products(one, chosen, cards),
        }
        for one in sections
    ]
    return [one for one in shown if one["banner"] or one["categories"] or one["products"]]


def _current_sections() -> QuerySet[HomeSection]:
    return HomeSection.objects.filter(
        Q(starts_at=None) | Q(starts_at__lte=Now()),
        Q(ends_at=None) | Q(ends_at__gt=Now()),
        is_active=True,
        is_deleted=False,
    ).order_by("position", "id")


def _slugs(section: HomeSection) -> list[str]:
    """The slugs that a section names: of products for a collection, else of categories."""
    by_products = section.kind == SectionKind.COLLECTION
    listed = section.content.get("products" if by_products else "slugs", [])
    return list(listed)


def _categories(sections: Iterable[HomeSection]) -> dict[str, Any]:
    wanted: set[str] = set()
    for one in sections:
        if one.kind == SectionKind.CATEGORIES:
            wanted.update(_slugs(one))
        if one.kind == SectionKind.COLLECTION and "category" in one.content:
            wanted.add(one.content["category"])
    if not wanted:
        return {}
    return {one.slug: one for one in active_categories().filter(slug__in=wanted)}


def _chosen_products(
    sections: Iterable[HomeSection], categories: dict[str, Any]
) -> dict[UUID, set[UUID]]:
    """For each section that fills itself, the ids of its products; one query for all sections."""
    parts = []
    for one in sections:
        products = visible_products()
        if one.kind == SectionKind.COLLECTION:
            category = categories.get(one.content.get("category", ""))
            if category is None:
                continue
            products = products.filter(**in_category(category.path))
        elif one.kind not in ORDERS:
            continue
        limit = int(one.content.get("limit", settings.HOME_SECTION_PRODUCTS))
        ordered = products.order_by(*ORDERS[SectionKind(one.kind)])
        parts.append(
            ordered.annotate(section=Value(str(one.id), CharField())).values_list("section", "pk")[
                : min(limit, settings.PAGE_SIZE_MAX)
            ]
        )
    if not parts:
        return {}
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    chosen: dict[UUID, set[UUID]] = {}
    for section, product in rows:
        chosen.setdefault(UUID(section), set()).add(product)
    return chosen


def _cards(sections: Iterable[HomeSection], chosen: dict[UUID, set[UUID]]) -> dict[UUID, Product]:
    slugs = {slug for one in sections if one.kind == SectionKind.COLLECTION for slug in _slugs(one)}
    ids = set().union(*chosen.values())
    if not slugs and not ids:
        return {}
    found = product_cards(visible_products()).filter(Q(pk__in=ids) | Q(slug__in=slugs))
    return {one.pk: one for one in found}


def _products(
    section: HomeSection, chosen: dict[UUID, set[UUID]], cards: dict[UUID, Product]
) -> list[Product]:
    """The section's cards in its own order: as listed, else by what the kind orders by."""
    if section.id in chosen:
        by_date = section.kind == SectionKind.NEWEST
        mine = [cards[key] for key in chosen[section.id] if key in cards]
        return sorted(
            mine,
            key=lambda one: (one.published_at if by_date else one.popularity, one.pk),
            reverse=True,
        )
    if section.kind != SectionKind.COLLECTION:
        return []
    by_slug = {one.slug: one for one in cards.values()}
    return [by_slug[slug] for slug in _slugs(section) if slug in by_slug]


def _banner(section: HomeSection) -> dict[str, str] | None:
    if section.kind != SectionKind.BANNER:
        return None
    return {name: str(section.content.get(name, "")) for name in ("image", "link", "alt")}
