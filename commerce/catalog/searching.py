"""Search by words: each must begin a word of the product's text, its brand or its category."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, IntegerField, Q, QuerySet, Value
from django.db.models.functions import Cast

from commerce.catalog.models import Brand, Product
from commerce.catalog.reads import active_categories, visible_products

CONFIG = "simple"
WORDS_MAX = 8
RANK_STEPS = 1_000_000  # a rank is a float4; a whole number compares the same everywhere
SUGGESTIONS = 10
OF_EACH_KIND = 3


def words_of(text: str) -> list[str]:
    """The words of a query in lower case, without the signs that are operators of a tsquery."""
    return re.findall(r"\w+", text.lower().replace("_", " "))[:WORDS_MAX]


def _begins(word: str) -> SearchQuery:
    return SearchQuery(f"{word}:*", config=CONFIG, search_type="raw")


def search(text: str) -> QuerySet[Product]:
    """The visible products that match all words, with their integer `relevance`."""
    words = words_of(text)
    if not words:
        return visible_products().annotate(relevance=Value(0)).none()
    brands = _ids(Brand.objects.filter(is_deleted=False), words)
    categories = _ids(active_categories(), words)
    matches = Q()
    rank = _begins(words[0])
    for word in words:
        rank |= _begins(word)
        matches &= (
            Q(search=_begins(word))
            | Q(brand_id__in=brands[word])
            | Q(category_id__in=categories[word])
        )
    relevance = Cast(SearchRank(F("search"), rank) * Value(RANK_STEPS), IntegerField())
    return visible_products().filter(matches).annotate(relevance=relevance)


def _ids(named: QuerySet[Any], words: list[str]) -> dict[str, list[Any]]:
    """For each word the rows with a name that has a word beginning so; one query for all words."""
    any_word = Q()
    for word in words:
        any_word |= Q(name__icontains=word)
    rows = list(named.filter(any_word).values_list("id", "name"))
    return {
        word: [key for key, name in rows if any(one.startswith(word) for one in words_of(name))]
        for word in words
    }


def suggestions(text: str) -> list[dict[str, str]]:
    """Categories, brands and products whose names go on from what was typed so far."""
    words = words_of(text)
    if not words:
        return []
    named: dict[str, QuerySet[Any]] = {
        "category": active_categories(),
        "brand": Brand.objects.filter(is_deleted=False).order_by("name", "id"),
        "product": visible_products().order_by("-popularity", "-id"),
    }
    found: list[dict[str, str]] = []
    for kind, rows in named.items():
        for word in words:
            rows = rows.filter(name__iregex=rf"\m{word}")
        wanted = SUGGESTIONS - len(found) if kind == "product" else OF_EACH_KIND
        found += [
            {"kind": kind, "text": name, "slug": slug}
            for name, slug in rows.values_list("name", "slug")[:wanted]
        ]
    return found
