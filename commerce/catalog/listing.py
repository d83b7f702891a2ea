"""The product list: its filters, its sort orders and its facets."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from django.db.models import Count, Exists, F, Max, Min, OuterRef, QuerySet, Value
from rest_framework import serializers

from commerce.catalog.models import Gender, Product
from commerce.catalog.reads import (
    active_categories,
    in_category,
    product_cards,
    sold_variants,
)
from commerce.core.pagination import PageQuery
from commerce.core.serializers import ManyTexts

RELEVANCE = "relevance"
POPULARITY = "popularity"
SORTS: dict[str, tuple[str, ...]] = {
    RELEVANCE: ("-relevance", "-popularity", "-id"),
    "newest": ("-published_at", "-id"),
    "price": ("price", "id"),
    "-price": ("-price", "-id"),
    "discount": ("-discount_percent", "-id"),
    POPULARITY: ("-popularity", "-id"),
    "rating": ("-rating", "-rating_count", "-id"),
}
OLDEST_MONTHS = 216
MONTHS_PER_YEAR = 12
SIZE_BY_AGE = re.compile(r"(\d+)\s*-?\s*\d*\s*([MY])")
BY_FACET = {
    "categories": ("category__slug", "category__name"),
    "brands": ("brand__slug", "brand__name"),
    "genders": ("gender", "gender"),
}
BY_VARIANT_FACET = {"sizes": "size", "colours": "colour"}


class ProductQuery(PageQuery):
    """The filters of a product list; what may be repeated matches any of its values."""

    category = serializers.SlugField(
        required=False, max_length=80, help_text="Slug; its descendants count as well."
    )
    brand = ManyTexts(help_text="Slugs of brands.")
    age = serializers.IntegerField(
        required=False, min_value=0, max_value=OLDEST_MONTHS, help_text="The child's age in months."
    )
    gender = ManyTexts(child=serializers.ChoiceField(choices=Gender.choices))
    size = ManyTexts()
    colour = ManyTexts()
    min_price = serializers.DecimalField(
        required=False, max_digits=12, decimal_places=2, min_value=0
    )
    max_price = serializers.DecimalField(
        required=False, max_digits=12, decimal_places=2, min_value=0
    )
    in_stock = serializers.ChoiceField(
        required=False, choices=["true", "false"], help_text="`true` leaves out what is sold out."
    )
    sort = serializers.ChoiceField(
        choices=list(SORTS), default=RELEVANCE, help_text="Without words, relevance is popularity."
    )


def filtered(products: QuerySet[Product], wanted: dict[str, Any]) -> QuerySet[Product]:
    """The cards among `products` that match; size, colour and stock are those of one variant."""
    cards = product_cards(products)
    if slug := wanted.get("category"):
        path = active_categories().filter(slug=slug).values_list("path", flat=True).first()
        if path is None:
            return cards.none()
        cards = cards.filter(**in_category(path))
    if (age := wanted.get("age")) is not None:
        cards = cards.filter(age_min_months__lte=age, age_max_months__gte=age)
    conditions = {
        "brand__slug__in": wanted.get("brand"),
        "gender__in": wanted.get("gender"),
        "price__gte": wanted.get("min_price"),
        "price__lte": wanted.get("max_price"),
    }
    cards = cards.filter(**{name: one for name, one in conditions.items() if one is not None})
    return _with_variant(cards, wanted)


def _with_variant(cards: QuerySet[Product], wanted: dict[str, Any]) -> QuerySet[Product]:
    conditions: dict[str, Any] = {}
    if "size" in wanted:
        conditions["size__in"] = wanted["size"]
    if "colour" in wanted:
        conditions["colour__in"] = wanted["colour"]
    if wanted.get("in_stock") == "true":
        conditions["availability__available__gt"] = 0
    if not conditions:
        return cards
    return cards.filter(Exists(sold_variants().filter(product=OuterRef("pk"), **conditions)))


def ordering(sort: str, *, ranked: bool = False) -> tuple[str, ...]:
    """The keys of a sort order; relevance needs a list `ranked` by what was searched."""
    return SORTS[POPULARITY] if sort == RELEVANCE and not ranked else SORTS[sort]


def facets(cards: QuerySet[Product]) -> dict[str, Any]:
    """How the filtered set divides, two queries: counts by value, and the range of prices."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in _facet_rows(cards):
        found[row["facet"]].append(
            {"value": row["value"], "label": row["label"], "count": row["count"]}
        )
    for values in found.values():
        values.sort(key=lambda one: (-one["count"], one["label"]))
    found["sizes"].sort(key=lambda one: size_order(one["value"]))
    names = (*BY_FACET, *BY_VARIANT_FACET)
    return {
        **{name: found[name] for name in names},
        "price": cards.aggregate(min=Min("price"), max=Max("price")),
    }


def _facet_rows(cards: QuerySet[Product]) -> list[dict[str, Any]]:
    if cards.query.is_empty():
        return []
    found = Product.objects.filter(pk__in=cards.values("pk"))
    parts: list[QuerySet[Any, Any]] = [
        found.values(facet=Value(name), value=F(value), label=F(label)).annotate(count=Count("pk"))
        for name, (value, label) in BY_FACET.items()
    ]
    variants = sold_variants().filter(product__in=cards.values("pk"))
    parts += [
        variants.values(facet=Value(name), value=F(column), label=F(column)).annotate(
            count=Count("product", distinct=True)
        )
        for name, column in BY_VARIANT_FACET.items()
    ]
    return list(parts[0].union(*parts[1:], all=True))


def size_order(size: str) -> tuple[int, str]:
    """Sizes by age come first, youngest first; all others by name."""
    match = SIZE_BY_AGE.match(size.upper())
    if not match:
        return OLDEST_MONTHS * MONTHS_PER_YEAR, size
    months = int(match[1]) * (MONTHS_PER_YEAR if match[2] == "Y" else 1)
    return months, size
