"""Counts kept ready: how many products of the whole shelf, a category, a brand or a gender have
each term, and between which prices they lie. So the usual lists count nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from django.db import connection

from commerce.catalog.shelf.rows import Row, TermBook
from commerce.catalog.shelf.terms import COUNTED, SCOPES

WHOLE = 0  # the scope of all products
MAKE_COUNTS = """
INSERT INTO shelf_counts (scope, term, count)
SELECT a.term, b.term, sum(bit_count(a.bits & b.bits))
FROM shelf_terms s JOIN shelf_bits a ON a.term = s.id
JOIN shelf_bits b ON b.chunk = a.chunk
JOIN shelf_terms t ON t.id = b.term
WHERE s.facet = ANY(%s) AND t.facet = ANY(%s)
GROUP BY a.term, b.term HAVING sum(bit_count(a.bits & b.bits)) > 0
UNION ALL
SELECT 0, b.term, sum(bit_count(b.bits))
FROM shelf_bits b JOIN shelf_terms t ON t.id = b.term
WHERE t.facet = ANY(%s)
GROUP BY b.term HAVING sum(bit_count(b.bits)) > 0
"""
MAKE_SCOPES = """
INSERT INTO shelf_scopes (scope, count, min_price, max_price)
SELECT scope, count(*), min(price), max(price)
FROM shelf_products, unnest(terms || 0) AS scope
WHERE scope = 0 OR scope IN (SELECT id FROM shelf_terms WHERE facet = ANY(%s))
GROUP BY scope
"""
CHANGE_COUNTS = """
INSERT INTO shelf_counts AS c (scope, term, count)
SELECT * FROM unnest(%s::integer[], %s::integer[], %s::integer[])
ON CONFLICT (scope, term) DO UPDATE SET count = c.count + EXCLUDED.count
"""
CHANGE_SCOPES = """
INSERT INTO shelf_scopes AS s (scope, count, min_price, max_price)
SELECT * FROM unnest(%s::integer[], %s::integer[], %s::numeric[], %s::numeric[])
ON CONFLICT (scope) DO UPDATE
SET count = s.count + EXCLUDED.count,
    min_price = LEAST(s.min_price, EXCLUDED.min_price),
    max_price = GREATEST(s.max_price, EXCLUDED.max_price)
"""
# Whoever leaves a scope, or changes its price there, may have been its cheapest or dearest.
LOOK_AGAIN = """
UPDATE shelf_scopes s
SET min_price = (SELECT min(price) FROM shelf_products p
                 WHERE s.scope = 0 OR p.terms @> ARRAY[s.scope::integer]),
    max_price = (SELECT max(price) FROM shelf_products p
                 WHERE s.scope = 0 OR p.terms @> ARRAY[s.scope::integer])
FROM unnest(%s::integer[], %s::numeric[]) AS gone (scope, price)
WHERE s.scope = gone.scope AND gone.price IN (s.min_price, s.max_price)
"""
Change = tuple[Row | None, Row | None]


def make() -> None:
    """Count everything anew from the bitmaps."""
    with connection.cursor() as cursor:
        cursor.execute(MAKE_COUNTS, [list(SCOPES), list(COUNTED), list(COUNTED)])
        cursor.execute(MAKE_SCOPES, [list(SCOPES)])


def change(book: TermBook, changes: Iterable[Change]) -> None:
    """Bring the counts up to date with rows as they were before and are after."""
    counts: Counter[tuple[int, int]] = Counter()
    sizes: Counter[int] = Counter()
    lowest: dict[int, Decimal] = {}
    highest: dict[int, Decimal] = {}
    gone: set[tuple[int, Decimal]] = set()
    for before, after in changes:
        for row, step in ((before, -1), (after, 1)):
            if row is None:
                continue
            counted = _of(book, row, COUNTED)
            for scope in (WHOLE, *_of(book, row, SCOPES)):
                counts.update(dict.fromkeys(((scope, term) for term in counted), step))
                sizes[scope] += step
                if row is before:
                    gone.add((scope, row.price))
                else:
                    lowest[scope] = min(row.price, lowest.get(scope, row.price))
                    highest[scope] = max(row.price, highest.get(scope, row.price))
    _store(counts, sizes, lowest, highest)
    _look_again(gone)


def _store(
    counts: Counter[tuple[int, int]],
    sizes: Counter[int],
    lowest: dict[int, Decimal],
    highest: dict[int, Decimal],
) -> None:
    moved = [(scope, term, step) for (scope, term), step in counts.items() if step]
    with connection.cursor() as cursor:
        if moved:
            cursor.execute(CHANGE_COUNTS, [list(one) for one in zip(*moved, strict=True)])
        cursor.execute(
            CHANGE_SCOPES,
            [
                list(sizes),
                list(sizes.values()),
                [lowest.get(one) for one in sizes],
                [highest.get(one) for one in sizes],
            ],
        )


def _look_again(gone: set[tuple[int, Decimal]]) -> None:
    if gone:
        with connection.cursor() as cursor:
            cursor.execute(LOOK_AGAIN, [list(one) for one in zip(*gone, strict=True)])


def _of(book: TermBook, row: Row, facets: frozenset[str]) -> list[int]:
    every = (*row.terms, *row.figures)
    return [one for one in every if book.terms[one].facet in facets]
