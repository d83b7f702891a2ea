"""Suggestions while somebody types: names that go on from it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from commerce.catalog.meanings import Meaning, meanings_of
from commerce.catalog.shelf import vocabulary
from commerce.catalog.shelf.lists import quoted
from commerce.catalog.splitting import words_of
from commerce.core import prepared

WORDS_MAX = 8
SUGGESTIONS = 10
OF_EACH_KIND = 3
TEE = "tshirt"
LOOKED_AT = 1_000
# Of frequent words the most popular products are looked at, of rare ones those that have them.
AMONG_POPULAR = """
SELECT product_id, title, popularity FROM shelf_products
ORDER BY popularity DESC, product_id DESC LIMIT %(most)s
"""
AMONG_ALL = """
SELECT product_id, title, popularity FROM shelf_products
WHERE title @@ %(query)s::tsquery ORDER BY popularity DESC, product_id DESC LIMIT %(most)s
"""
# The rows looked at are in order already: names are read until there are enough.
NAMES = """
(SELECT 'category' AS kind, name AS text, slug FROM categories
 WHERE is_active AND NOT is_deleted AND name ~* ALL(%(begin)s::text[])
 ORDER BY position, name, id LIMIT %(each)s)
UNION ALL
(SELECT 'brand', name, slug FROM brands
 WHERE NOT is_deleted AND name ~* ALL(%(begin)s::text[])
 ORDER BY name, id LIMIT %(each)s)
UNION ALL
(SELECT 'product', p.name, p.slug
 FROM ({looked_at}) s JOIN products p ON p.id = s.product_id
 WHERE s.title @@ %(query)s::tsquery AND p.name ~* ANY(%(begin)s::text[])
   AND p.status = 'active' AND NOT p.is_deleted
 ORDER BY s.popularity DESC, s.product_id DESC LIMIT %(wanted)s)
"""


@dataclass(frozen=True)
class Asked:
    """What names must have: each word by a pattern, in a tsquery, and whether few products do."""

    begin: Sequence[str]
    query: str
    rare: bool


def suggestions(text: str) -> list[dict[str, Any]]:
    """Categories, brands and products whose names go on from what was typed so far.

    Where hardly one does, those follow that a search for these words would find: synonyms,
    Hindi, what was mistyped.
    """
    words = list(dict.fromkeys(words_of(text)))[:WORDS_MAX]
    if not words:
        return []
    begun = vocabulary.beginning(words)
    known = all(texts for _, texts in begun.values())
    found = _named(_as_typed(words, begun)) if known else []
    if len(found) < OF_EACH_KIND and all(one["kind"] != "product" for one in found):
        meanings = meanings_of(words)
        meant = _named(_as_meant(meanings)) if all(one.forms for one in meanings) else []
        found += [one for one in meant if one not in found]
    return found[:SUGGESTIONS]


def _as_typed(words: Sequence[str], begun: dict[str, tuple[int, int]]) -> Asked:
    query = " & ".join(f"{quoted(word)}:*" for word in words)
    rare = min(names for names, _ in begun.values()) <= LOOKED_AT
    return Asked([beginning_of(word) for word in words], query, rare)


def _as_meant(meanings: Sequence[Meaning]) -> Asked:
    forms = [one.forms for one in meanings]
    rare = min(sum(of.values()) for of in forms) <= LOOKED_AT
    query = " & ".join(f"({' | '.join(map(quoted, of))})" for of in forms)
    return Asked(["|".join(map(_whole, of)) for of in forms], query, rare)


def beginning_of(word: str) -> str:
    """A pattern of PostgreSQL that finds the word at a beginning, `tshirt` also as `T-shirt`."""
    if TEE.startswith(word[: len(TEE)]) and len(word) > 1:
        return rf"\mt[- ]?{re.escape(word[1:])}"
    return rf"\m{re.escape(word)}"


def _whole(form: str) -> str:
    """A pattern that finds the word itself, in the plural too."""
    return rf"{beginning_of(form)}(e?s)?\M"


def _named(asked: Asked) -> list[dict[str, Any]]:
    sql = NAMES.replace("{looked_at}", AMONG_ALL if asked.rare else AMONG_POPULAR)
    values: dict[str, Any] = {
        "query": asked.query,
        "begin": list(asked.begin),
        "most": LOOKED_AT,
        "each": OF_EACH_KIND,
        "wanted": SUGGESTIONS,
    }
    return prepared.public_rows(sql, values)
