"""Which pages of the catalogue a change outdates.

`p:ID` is what shows the product, `s:ID` what shows how many there are, `in:ID` and `out:ID` what
shows it as something else than in stock or sold out, `slug:SLUG` what said that there is no such
product. `lists` is what could show it now and did not.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import connection

from commerce.catalog.shelf import facts
from commerce.catalog.shelf.state import State
from commerce.core.caching.following import CHANGES_MAX, Seen
from commerce.core.caching.names import EVERYTHING

LISTS, PRODUCTS, TREE, HOME, WORDS = "lists", "products", "tree", "home", "words"
# A hold and a date of publication change what is shown when their time comes, without a write.
CHANGED = """
WITH changed AS (
    SELECT id AS product_id, true AS itself FROM products WHERE updated_at >= %(since)s
    UNION SELECT product_id, true FROM variants WHERE updated_at >= %(since)s
    UNION SELECT product_id, true FROM product_images WHERE updated_at >= %(since)s
    UNION SELECT id, true FROM products
          WHERE status = 'active' AND NOT is_deleted
            AND published_at BETWEEN %(since)s AND clock_timestamp()
    UNION SELECT v.product_id, false FROM inventory i JOIN variants v ON v.id = i.variant_id
          WHERE i.updated_at >= %(since)s
    UNION SELECT v.product_id, false
          FROM stock_reservations r JOIN variants v ON v.id = r.variant_id
          WHERE r.status = 'active' AND r.order_id IS NULL
            AND r.expires_at BETWEEN %(since)s AND clock_timestamp()
    LIMIT %(most)s
)
SELECT p.id, p.slug, c.itself,
       EXISTS (SELECT 1 FROM variants v JOIN available_stock s ON s.variant_id = v.id
               WHERE v.product_id = p.id AND v.status = 'active' AND NOT v.is_deleted
                 AND s.available > 0),
       EXISTS (SELECT 1 FROM variants v JOIN inventory i ON i.variant_id = v.id
               CROSS JOIN LATERAL (
                   SELECT l.delta, l.created_at FROM stock_ledger l
                   WHERE l.variant_id = i.variant_id AND l.warehouse_id = i.warehouse_id
                   ORDER BY l.seq DESC LIMIT 1
               ) m
               WHERE v.product_id = p.id AND i.updated_at >= %(since)s
                 AND m.delta > 0 AND m.created_at >= %(since)s)
FROM (SELECT product_id, bool_or(itself) AS itself FROM changed GROUP BY product_id) c
JOIN products p ON p.id = c.product_id
"""
# Small tables, and the pages that each of them concerns.
TABLES = {
    "brands": (PRODUCTS, LISTS),
    "categories": (PRODUCTS, LISTS, TREE),
    "warehouses": (PRODUCTS, LISTS),
    "home_sections": (HOME,),
    "search_synonyms": (WORDS,),
}
ROWS = " UNION ALL ".join(
    f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table} WHERE updated_at >= %(since)s)"  # noqa: S608
    for table in TABLES
)


def until() -> datetime:
    """The moment before which every change is visible, and on the shelf if there is one."""
    moment, shelf = facts.seen_until(), State.read()
    return min(moment, shelf.seen_until) if shelf else moment


def changes(since: datetime) -> Seen:
    """What the pages of the catalogue may show differently since then."""
    seen = Seen()
    with connection.cursor() as cursor:
        cursor.execute(ROWS, {"since": since})
        seen.tags.update(tag for (table,) in cursor.fetchall() for tag in TABLES[table])
        cursor.execute(CHANGED, {"since": since, "most": CHANGES_MAX})
        products = cursor.fetchall()
    if len(products) * 4 > CHANGES_MAX:
        return Seen({EVERYTHING})
    for key, slug, itself, stocked, restocked in products:
        seen.tags.update(_tags(str(key), slug, itself=itself, stocked=stocked))
        if itself or restocked or not stocked:
            seen.calm.add(LISTS)
    return seen


def _tags(key: str, slug: str, *, itself: bool, stocked: bool) -> Iterator[str]:
    if itself:
        yield f"p:{key}"
        yield f"slug:{slug}"
    else:
        yield f"s:{key}"
        yield f"in:{key}" if stocked else f"out:{key}"
