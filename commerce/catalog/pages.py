"""The pages of the catalogue that everybody may read, and what outdates each of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from rest_framework import serializers

from commerce.catalog.following import HOME, LISTS, PRODUCTS, TREE, WORDS
from commerce.catalog.listing import ProductQuery
from commerce.catalog.serializers import SuggestQuery
from commerce.catalog.views import SearchParameters
from commerce.core.caching.rules import Parameters, Rule
from commerce.core.serializers import ManyTexts

API = "/api/v1"
SLUG = re.compile(r"[-a-zA-Z0-9_]{1,120}")
# A price may be a second old at a CDN, and another second while it fetches the page anew.
QUICK = "public, max-age=0, s-maxage=1, stale-while-revalidate=1"
SLOW = "public, max-age=0, s-maxage=5, stale-while-revalidate=30"


def home_tags(data: Any) -> Iterator[str]:
    """The home screen's."""
    return _shown(data, HOME, LISTS, PRODUCTS, TREE)


def tree_tags(data: Any) -> Iterator[str]:
    """The categories'."""
    return _shown(data, TREE)


def list_tags(data: Any) -> Iterator[str]:
    """A product list's."""
    return _shown(data, LISTS, PRODUCTS)


def search_tags(data: Any) -> Iterator[str]:
    """A search's."""
    return _shown(data, LISTS, PRODUCTS, WORDS)


def suggestion_tags(data: Any) -> Iterator[str]:
    """Those of suggestions, which name products without showing them."""
    return _shown(data, LISTS, PRODUCTS, WORDS, TREE)


def product_tags(data: Any) -> Iterator[str]:
    """A product page's: its own numbers, and the cards of others."""
    yield f"s:{data['id']}"
    yield from _shown(data, PRODUCTS)


def absent_tags(slug: str) -> Iterator[str]:
    """Those of the answer that there is no such product."""
    yield f"slug:{slug}"
    yield PRODUCTS


def _shown(data: Any, *tags: str) -> Iterator[str]:
    yield from tags
    for one in _cards(data):
        yield f"p:{one['id']}"
        yield f"out:{one['id']}" if one["in_stock"] else f"in:{one['id']}"


def _cards(data: Any) -> Iterator[Any]:
    """Everything that shows a product, however deep."""
    if isinstance(data, dict):
        if "in_stock" in data and "id" in data:
            yield data
        data = data.values()
    elif not isinstance(data, list | tuple):
        return
    for one in data:
        yield from _cards(one)


def _parameters(kind: type[serializers.Serializer[Any]]) -> Parameters:
    """What may be asked of a view, as a rule tells it."""
    fields = kind().fields
    several = frozenset(name for name, one in fields.items() if isinstance(one, ManyTexts))
    return Parameters(frozenset(fields) - several, several)


RULES: Iterable[Rule] = (
    Rule("home", f"{API}/home", home_tags, QUICK, entries=1),
    Rule("categories", f"{API}/categories", tree_tags, SLOW, entries=1),
    Rule(
        "list",
        f"{API}/products",
        list_tags,
        QUICK,
        entries=2_000,
        parameters=_parameters(ProductQuery),
    ),
    Rule(
        "product",
        f"{API}/products/",
        product_tags,
        QUICK,
        entries=10_000,
        named=SLUG,
        absent="product_not_found",
        absent_tags=absent_tags,
    ),
    Rule(
        "search",
        f"{API}/search",
        search_tags,
        QUICK,
        entries=2_000,
        parameters=_parameters(SearchParameters),
    ),
    Rule(
        "suggest",
        f"{API}/search/suggest",
        suggestion_tags,
        QUICK,
        entries=2_000,
        parameters=_parameters(SuggestQuery),
    ),
)
