"""The product list: what can be asked of it, and what it answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from operator import attrgetter
from typing import Any

from rest_framework import serializers

from commerce.catalog import searching
from commerce.catalog.cards import cards_of
from commerce.catalog.models import Gender
from commerce.catalog.serializers import CategoryLink, card
from commerce.catalog.shelf.counting import Facets, Value
from commerce.catalog.shelf.lists import Listed, Search, listed
from commerce.catalog.shelf.paging import RELEVANCE, SORTS
from commerce.catalog.shelf.snapshot import in_snapshot
from commerce.catalog.shelf.terms import AGE_BANDS, DISCOUNT_STEPS, RATING_STEPS
from commerce.core.pagination import PageQuery
from commerce.core.serializers import ManyTexts

OLDEST_MONTHS = 216
MONTHS_PER_YEAR = 12
SIZE_BY_AGE = re.compile(r"(\d+)\s*-?\s*\d*\s*([MY])")
AGE_LABELS = {
    "0-6m": "0 to 6 months",
    "6-12m": "6 to 12 months",
    "1-2y": "1 to 2 years",
    "2-4y": "2 to 4 years",
    "4-6y": "4 to 6 years",
    "6-8y": "6 to 8 years",
    "8-10y": "8 to 10 years",
    "10-12y": "10 to 12 years",
    "12y+": "12 years and older",
}
NAMES = {
    "categories": "category",
    "brands": "brand",
    "genders": "gender",
    "sizes": "size",
    "colours": "colour",
    "ages": "age",
    "discounts": "discount",
    "ratings": "rating",
}


class AnyCase(serializers.ChoiceField):
    """One of choices in lower case, typed in capitals or not."""

    def to_internal_value(self, data: Any) -> Any:
        """The choice."""
        return super().to_internal_value(data.lower() if isinstance(data, str) else data)


class ProductQuery(PageQuery):
    """The filters of a product list; what may be repeated matches any of its values."""

    category = serializers.SlugField(
        required=False, max_length=80, help_text="Slug; its descendants count as well."
    )
    brand = ManyTexts(help_text="Slugs of brands.")
    age = serializers.IntegerField(
        required=False, min_value=0, max_value=OLDEST_MONTHS, help_text="The child's age in months."
    )
    age_band = ManyTexts(
        child=AnyCase(choices=list(AGE_BANDS)),
        help_text="What suits some age of the band.",
    )
    gender = ManyTexts(
        child=AnyCase(choices=Gender.choices),
        help_text="Whom it is for.",
    )
    size = ManyTexts(help_text="Sizes as the facets name them.")
    colour = ManyTexts(help_text="Colours as the facets name them.")
    min_price = serializers.DecimalField(
        required=False, max_digits=12, decimal_places=2, min_value=0, help_text="Rupees or more."
    )
    max_price = serializers.DecimalField(
        required=False, max_digits=12, decimal_places=2, min_value=0, help_text="Rupees or less."
    )
    discount = serializers.ChoiceField(
        required=False,
        choices=[str(step) for step in DISCOUNT_STEPS],
        help_text="Per cent or more.",
    )
    rating = serializers.ChoiceField(
        required=False, choices=[str(step) for step in RATING_STEPS], help_text="Stars or more."
    )
    in_stock = serializers.ChoiceField(
        required=False, choices=["true", "false"], help_text="`true` leaves out what is sold out."
    )
    sort = serializers.ChoiceField(
        choices=list(SORTS), default=RELEVANCE, help_text="Without words, relevance is popularity."
    )


def product_list(wanted: dict[str, Any], search: Search | None = None) -> dict[str, Any]:
    """The page that `wanted` asks for as `ProductList` shows it.

    The shelf says which products and in what order; what their cards show is read from the
    catalogue, and one that has just left it is left out.
    """

    def read() -> tuple[Listed, list[dict[str, Any]]]:
        found = listed(wanted, search)
        return found, cards_of(found.ids)

    found, cards = in_snapshot(read)
    return {
        "results": [card(one) for one in cards],
        "facets": facets(found.facets),
        "next": found.next,
        "previous": found.previous,
    }


def search_list(wanted: dict[str, Any]) -> dict[str, Any]:
    """The page of what a search finds, or what may be had instead, as `SearchList` shows it."""
    meant = searching.understood(wanted["q"])
    found = product_list(wanted, meant.search)
    nothing = not found["results"] and not found["facets"]["total"] and "cursor" not in wanted
    other = searching.instead(meant) if nothing else None
    return {
        **found,
        "corrected": meant.corrected,
        "instead": other
        and {
            "searches": other["searches"],
            "categories": CategoryLink(other["categories"], many=True).data,
            "products": [card(one) for one in other["products"]],
        },
    }


def facets(found: Facets) -> dict[str, Any]:
    """The counts in the order in which people look for them."""
    orders: Mapping[str, Callable[[Value], Any]] = {
        "sizes": lambda one: size_order(one.value),
        "ages": lambda one: list(AGE_BANDS).index(one.value),
        "discounts": lambda one: -int(one.value),
        "ratings": lambda one: -int(one.value),
    }
    counts = {
        name: [
            {"value": one.value, "label": label(one), "count": one.number}
            for one in sorted(found.values[facet], key=orders.get(name, most_first))
        ]
        for name, facet in NAMES.items()
        for label in [LABELS.get(name, own_label)]
    }
    places = {"stock": "in_stock"} | {facet: name for name, facet in NAMES.items()}
    return {
        **counts,
        "in_stock": found.stocked,
        "price": {edge: _amount(found.prices.get(edge)) for edge in ("min", "max")},
        "total": found.total,
        "approximate": [places.get(name, name) for name in found.approximate],
    }


def _amount(price: Decimal | None) -> str | None:
    return None if price is None else f"{price:.2f}"


LABELS: Mapping[str, Callable[[Value], str]] = {
    "ages": lambda one: AGE_LABELS[one.value],
    "discounts": lambda one: f"{one.value}% or more",
    "ratings": lambda one: f"{one.value} star{'s' if one.value != '1' else ''} or more",
}
own_label = attrgetter("label")


def most_first(one: Value) -> tuple[int, str]:
    """What most products have comes first."""
    return -one.number, one.label


def size_order(size: str) -> tuple[int, str]:
    """Sizes by age come first, youngest first; all others by name."""
    match = SIZE_BY_AGE.match(size.upper())
    if not match:
        return OLDEST_MONTHS * MONTHS_PER_YEAR, size
    months = int(match[1]) * (MONTHS_PER_YEAR if match[2] == "Y" else 1)
    return months, size
