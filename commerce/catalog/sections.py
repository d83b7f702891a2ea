"""What a section of the home screen may hold, by its kind, and how a rule of it is read.

A rule is a product list as a query of it names its filters, and how it is sorted:
`{"category": "toys", "age_band": ["2-4y"], "in_stock": "true", "sort": "popularity"}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from commerce.catalog.listing import AGE_LABELS
from commerce.catalog.models import HomeSection, SectionKind
from commerce.catalog.shelf.choosing import Choice
from commerce.catalog.shelf.paging import POPULARITY
from commerce.catalog.shelf.terms import AGE_BANDS

RULE_SORTS = {
    POPULARITY: "Best selling first",
    "newest": "Newest first",
    "rating": "Best rated first",
    "discount": "Largest discount first",
    "price": "Cheapest first",
    "-price": "Dearest first",
}
MANY = ("brand", "age_band", "gender")
SINGLE = ("category", "discount", "rating", "in_stock")
ORDERS = {SectionKind.NEWEST: "newest", SectionKind.POPULAR: POPULARITY}


def rule_of(section: HomeSection) -> dict[str, Any] | None:
    """The filters and the sort by which a section fills itself; None when it doesn't."""
    if section.kind in ORDERS:
        return {"sort": ORDERS[SectionKind(section.kind)]}
    if section.kind != SectionKind.COLLECTION:
        return None
    rule: dict[str, Any] | None = section.content.get("rule")
    return rule


def choice_of(section: HomeSection) -> Choice | None:
    """What a section that fills itself asks the shelf for."""
    rule = rule_of(section)
    if rule is None:
        return None
    limit = int(section.content.get("limit", settings.HOME_SECTION_PRODUCTS))
    return Choice(_filters(rule), _sort(rule), min(limit, settings.PAGE_SIZE_MAX))


def link_of(section: HomeSection) -> str | None:
    """The product list that goes on where a section that fills itself ends, as banners link it."""
    rule = rule_of(section)
    if rule is None:
        return None
    query = [*_pairs(_filters(rule)), ("sort", _sort(rule))]
    return f"/products?{urlencode(query)}"


def listed(section: HomeSection, name: str) -> list[str]:
    """The slugs, or other names, that a section lists by hand."""
    return [one for one in section.content.get(name, []) if isinstance(one, str)]


def age_bands(section: HomeSection) -> list[dict[str, Any]]:
    """The age bands that a section offers; all of them when it names none."""
    if section.kind != SectionKind.AGES:
        return []
    wanted = listed(section, "bands") or AGE_BANDS
    return [
        {
            "value": one,
            "label": AGE_LABELS[one],
            "link": f"/products?{urlencode({'age_band': one})}",
        }
        for one in wanted
        if one in AGE_BANDS
    ]


def _filters(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {name: rule[name] for name in (*SINGLE, *MANY) if rule.get(name)}


def _sort(rule: Mapping[str, Any]) -> str:
    sort = rule.get("sort")
    return sort if sort in RULE_SORTS else POPULARITY


def _pairs(filters: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for name, value in filters.items():
        yield from ((name, one) for one in (value if name in MANY else [value]))
