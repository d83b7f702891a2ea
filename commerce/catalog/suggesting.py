"""Suggestions while somebody types: names that go on from it."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import QuerySet

from commerce.catalog.models import Brand
from commerce.catalog.reads import active_categories
from commerce.catalog.shelf import vocabulary
from commerce.catalog.shelf.lists import quoted
from commerce.catalog.splitting import words_of
from commerce.core.replica import reading

WORDS_MAX = 8
SUGGESTIONS = 10
OF_EACH_KIND = 3
TEE = "tshirt"
LOOKED_AT = 1_000
# Of frequent words the most popular products are looked at, of rare ones those that have them.
AMONG_POPULAR = """
SELECT product_id FROM (
    SELECT product_id, title, popularity FROM shelf_products
    ORDER BY popularity DESC, product_id DESC LIMIT %(most)s
) s WHERE title @@ %(query)s::tsquery
"""
AMONG_ALL = """
SELECT product_id FROM shelf_products WHERE title @@ %(query)s::tsquery
"""
NAMES = """
SELECT p.name, p.slug FROM ({found}) f JOIN products p ON p.id = f.product_id
WHERE p.name ~* ALL(%(begin)s) AND p.status = 'active' AND NOT p.is_deleted
ORDER BY p.popularity DESC, p.id DESC LIMIT %(wanted)s
"""


def suggestions(text: str) -> list[dict[str, str]]:
    """Categories, brands and products whose names go on from what was typed so far."""
    words = words_of(text)[:WORDS_MAX]
    if not words:
        return []
    begin = [beginning_of(word) for word in words]
    found = [
        *_named("category", active_categories(), begin),
        *_named("brand", Brand.objects.filter(is_deleted=False).order_by("name", "id"), begin),
    ]
    return found + _products(words, begin, SUGGESTIONS - len(found))


def beginning_of(word: str) -> str:
    """A pattern of PostgreSQL that finds the word at a beginning, `tshirt` also as `T-shirt`."""
    if TEE.startswith(word[: len(TEE)]) and len(word) > 1:
        return rf"\mt[- ]?{re.escape(word[1:])}"
    return rf"\m{re.escape(word)}"


def _named(kind: str, rows: QuerySet[Any], begin: list[str]) -> list[dict[str, str]]:
    for one in begin:
        rows = rows.filter(name__iregex=one)
    names = rows.values_list("name", "slug")[:OF_EACH_KIND]
    return [{"kind": kind, "text": name, "slug": slug} for name, slug in names]


def _products(words: list[str], begin: list[str], wanted: int) -> list[dict[str, str]]:
    query = " & ".join(f"{quoted(word)}:*" for word in words)
    rare = vocabulary.rare(words, LOOKED_AT)
    sql = NAMES.replace("{found}", AMONG_ALL if rare else AMONG_POPULAR)
    values: dict[str, Any] = {"query": query, "most": LOOKED_AT, "begin": begin, "wanted": wanted}
    with reading().cursor() as cursor:
        cursor.execute(sql, values)
        return [{"kind": "product", "text": name, "slug": slug} for name, slug in cursor.fetchall()]
