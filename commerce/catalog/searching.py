"""Search by words: each must begin a word of the product's text, its brand or its category."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import QuerySet

from commerce.catalog.models import Brand
from commerce.catalog.reads import active_categories, visible_products
from commerce.catalog.shelf.lists import Search
from commerce.catalog.shelf.terms import words_of

WORDS_MAX = 8
NOTHING = " "  # is in no text
SUGGESTIONS = 10
OF_EACH_KIND = 3


def search(text: str) -> Search:
    """What the words of a query stand for."""
    words = words_of(text)[:WORDS_MAX]
    forms = _begun(words)
    return Search([forms.get(word) or [word] for word in words] or [[NOTHING]])


def _begun(words: list[str]) -> dict[str, list[str]]:
    """For each word the words of the shelf that begin so, the most frequent first."""
    sql = """
    SELECT w.word, f.word FROM unnest(%s::text[]) AS w (word) CROSS JOIN LATERAL (
        SELECT s.word FROM shelf_words s WHERE s.word LIKE w.word || '%%'
        ORDER BY s.word = w.word DESC, s.in_bodies DESC, s.word LIMIT 20
    ) f
    """
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql, [words])
        for word, form in cursor.fetchall():
            found.setdefault(word, []).append(form)
    return found


def suggestions(text: str) -> list[dict[str, str]]:
    """Categories, brands and products whose names go on from what was typed so far."""
    words = words_of(text)[:WORDS_MAX]
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
