"""Search by words: what each word typed stands for, and what to offer when nothing is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from commerce.catalog.cards import cards_of
from commerce.catalog.meanings import meanings_of
from commerce.catalog.models import Category
from commerce.catalog.reads import active_categories
from commerce.catalog.shelf import vocabulary
from commerce.catalog.shelf.lists import Search
from commerce.catalog.splitting import words_of
from commerce.core import prepared

WORDS_MAX = 8
NOTHING = " "  # is in no text
INSTEAD_PRODUCTS = 12
INSTEAD_CATEGORIES = 5
INSTEAD_SEARCHES = 5
POPULAR = """
SELECT product_id FROM shelf_products ORDER BY popularity DESC, product_id DESC LIMIT %(most)s
"""
# The categories that most of some products are in.
CATEGORIES = """
SELECT c.id, c.name FROM (
    SELECT t.value::uuid AS id, count(*) AS products
    FROM (SELECT terms, figures FROM shelf_products {some}) p
    CROSS JOIN unnest(p.terms || p.figures) AS n
    JOIN shelf_terms t ON t.id = n AND t.facet = 'category'
    GROUP BY t.value
) f JOIN categories c ON c.id = f.id
WHERE c.is_active AND NOT c.is_deleted
ORDER BY f.products DESC, c.path LIMIT %(most)s
"""
NEAREST = CATEGORIES.format(some="WHERE title @@ %(query)s::tsquery LIMIT 500")
LOOKED_FOR = CATEGORIES.format(some="ORDER BY popularity DESC, product_id DESC LIMIT 200")


@dataclass(frozen=True)
class Understood:
    """What a search is taken for: the search, its words put right when they were mistyped, and
    those of its words that find something and that don't."""

    search: Search
    corrected: str | None
    known: Sequence[str] = ()
    unknown: Sequence[str] = ()


def understood(text: str) -> Understood:
    """Take a text for what it most likely means."""
    words = list(dict.fromkeys(words_of(text)))[:WORDS_MAX]
    if not words:
        return Understood(Search([[NOTHING]]), None)
    meanings = meanings_of(words)
    meant = [one.word for one in meanings]
    return Understood(
        Search([list(one.forms) or [one.word] for one in meanings]),
        None if meant == words else " ".join(meant),
        [one.word for one in meanings if one.forms],
        [one.word for one in meanings if not one.forms],
    )


def instead(meant: Understood) -> dict[str, Any]:
    """What a search that found nothing may lead to: other searches, categories, products.

    The searches find something: each of its words that does so alone, words that look like those
    that don't, and what people look for.
    """
    any_word = " | ".join(f"({one})" for one in meant.search.each)
    near = prepared.public_rows(NEAREST, {"query": any_word, "most": INSTEAD_CATEGORIES})
    popular = prepared.public_rows(POPULAR, {"most": INSTEAD_PRODUCTS})
    return {
        "searches": _searches(meant),
        "categories": _categories([row["id"] for row in near]),
        "products": cards_of([row["product_id"] for row in popular]),
    }


def _searches(meant: Understood) -> list[str]:
    several = len(meant.search.forms) > 1
    found = [*(meant.known if several else ()), *vocabulary.hints(meant.unknown)]
    if not found:
        wanted = prepared.public_rows(LOOKED_FOR, {"most": INSTEAD_SEARCHES})
        found = [row["name"] for row in wanted if words_of(row["name"])]
    return list(dict.fromkeys(found))[:INSTEAD_SEARCHES]


def _categories(keys: Sequence[Any]) -> list[Category]:
    """The categories, or where there is none the roots of the tree."""
    if not keys:
        return list(active_categories().filter(parent=None)[:INSTEAD_CATEGORIES])
    found = active_categories().in_bulk(keys)
    return [found[key] for key in keys if key in found]
