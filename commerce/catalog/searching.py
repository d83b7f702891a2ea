"""Search by words: what each word typed stands for, and what to offer when nothing is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from commerce.catalog.models import Category
from commerce.catalog.reads import active_categories, cards_of
from commerce.catalog.shelf import vocabulary
from commerce.catalog.shelf.lists import Search
from commerce.catalog.splitting import ages_in, words_of
from commerce.core.replica import reading

WORDS_MAX = 8
NOTHING = " "  # is in no text
INSTEAD_PRODUCTS = 12
INSTEAD_CATEGORIES = 5
INSTEAD_SEARCHES = 5
POPULAR = """
SELECT product_id FROM shelf_products ORDER BY popularity DESC, product_id DESC LIMIT %s
"""
# The categories whose products have most of the words, by how many such products they have.
NEAREST = """
SELECT c.id FROM (
    SELECT t.value::uuid AS id, count(*) AS products
    FROM (SELECT terms, figures FROM shelf_products
          WHERE title @@ %s::tsquery LIMIT 500) p
    CROSS JOIN unnest(p.terms || p.figures) AS n
    JOIN shelf_terms t ON t.id = n AND t.facet = 'category'
    GROUP BY t.value
) f JOIN categories c ON c.id = f.id
WHERE c.is_active AND NOT c.is_deleted
ORDER BY f.products DESC, c.path LIMIT %s
"""


@dataclass(frozen=True)
class Understood:
    """What a search is taken for: the search, its words put right when they were mistyped, and
    those of its words that the shop knows."""

    search: Search
    corrected: str | None
    known: Sequence[str] = ()


def understood(text: str) -> Understood:
    """Take a text for what it most likely means."""
    words = list(dict.fromkeys(words_of(text)))[:WORDS_MAX]
    if not words:
        return Understood(Search([[NOTHING]]), None)
    forms = vocabulary.forms_of(words)
    unknown = [word for word in words if not forms[word]]
    near = vocabulary.near(unknown) if unknown else {}
    corrected = None
    if any(near.values()):
        corrected = " ".join(near[word][0] if near.get(word) else word for word in words)
    found = {word: forms[word] or near.get(word) or ages_in(word) for word in words}
    known = [word if word in of else of[0] for word, of in found.items() if of]
    return Understood(Search([found[word] or [word] for word in words]), corrected, known)


def instead(meant: Understood) -> dict[str, Any]:
    """What a search that found nothing may lead to: other searches, categories, products.

    The searches are each of its words that finds something alone, else names of the categories.
    """
    any_word = " | ".join(f"({one})" for one in meant.search.each)
    with reading().cursor() as cursor:
        cursor.execute(NEAREST, [any_word, INSTEAD_CATEGORIES])
        keys = [row[0] for row in cursor.fetchall()]
        cursor.execute(POPULAR, [INSTEAD_PRODUCTS])
        popular = [row[0] for row in cursor.fetchall()]
    categories = _categories(keys)
    searches = meant.known if len(meant.search.forms) > 1 else ()
    return {
        "searches": list(searches or (one.name for one in categories))[:INSTEAD_SEARCHES],
        "categories": categories,
        "products": cards_of(popular),
    }


def _categories(keys: Sequence[Any]) -> list[Category]:
    """The categories, or where there is none the roots of the tree."""
    if not keys:
        return list(active_categories().filter(parent=None)[:INSTEAD_CATEGORIES])
    found = active_categories().in_bulk(keys)
    return [found[key] for key in keys if key in found]
