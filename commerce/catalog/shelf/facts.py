"""Reads what the shelf copies: the facts of visible products, and which products have changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from commerce.catalog.shelf.terms import Facts, Offer

# The price is that of the cheapest variant, its MRP the highest where several cost the same: as
# `commerce.catalog.reads.product_cards` shows it.
FACTS = """
SELECT p.id, p.brand_id, p.category_id, c.path, p.gender, p.age_min_months, p.age_max_months,
       p.rating, p.rating_count, p.popularity, p.published_at, o.price,
       floor((o.mrp - o.price) * 100 / o.mrp)::integer, o.sizes, o.colours, o.stocked,
       p.name, b.name, p.description, p.attributes
FROM products p
JOIN brands b ON b.id = p.brand_id
JOIN categories c ON c.id = p.category_id
CROSS JOIN LATERAL (
    SELECT min(v.price) AS price,
           (array_agg(v.mrp ORDER BY v.price, v.mrp DESC))[1] AS mrp,
           array_agg(v.size ORDER BY v.id) AS sizes,
           array_agg(v.colour ORDER BY v.id) AS colours,
           array_agg(EXISTS (
               SELECT 1 FROM available_stock s WHERE s.variant_id = v.id AND s.available > 0
           ) ORDER BY v.id) AS stocked
    FROM variants v
    WHERE v.product_id = p.id AND v.status = 'active' AND NOT v.is_deleted
) o
WHERE p.id = ANY(%s) AND p.status = 'active' AND NOT p.is_deleted AND p.published_at <= now()
  AND o.price IS NOT NULL
"""
CATEGORIES = "SELECT path, id, name FROM categories"
# A hold and a date of publication change what is visible when their time comes, without a write.
CHANGED = """
SELECT id FROM products WHERE updated_at >= %(since)s
UNION SELECT product_id FROM variants WHERE updated_at >= %(since)s
UNION SELECT v.product_id FROM inventory i JOIN variants v ON v.id = i.variant_id
      WHERE i.updated_at >= %(since)s
UNION SELECT v.product_id FROM stock_reservations r JOIN variants v ON v.id = r.variant_id
      WHERE r.status = 'active' AND r.order_id IS NULL
        AND r.expires_at BETWEEN %(since)s AND clock_timestamp()
UNION SELECT id FROM products
      WHERE status = 'active' AND NOT is_deleted
        AND published_at BETWEEN %(since)s AND clock_timestamp()
UNION SELECT p.id FROM brands b JOIN products p ON p.brand_id = b.id WHERE b.updated_at >= %(since)s
UNION SELECT p.id FROM categories a
      JOIN categories c ON starts_with(c.path, a.path) JOIN products p ON p.category_id = c.id
      WHERE a.updated_at >= %(since)s
UNION SELECT v.product_id FROM warehouses w JOIN inventory i ON i.warehouse_id = w.id
      JOIN variants v ON v.id = i.variant_id WHERE w.updated_at >= %(since)s
"""
# Whoever began earlier may yet commit rows whose time of change lies before now; two seconds are
# for clocks of application servers that differ from the database's.
SEEN_UNTIL = """
SELECT LEAST(clock_timestamp(), min(xact_start)) - interval '2 seconds'
FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def seen_until() -> datetime:
    """The moment before which every change is visible to a statement that starts now."""
    with connection.cursor() as cursor:
        cursor.execute(SEEN_UNTIL)
        moment: datetime = cursor.fetchone()[0]
    return moment


def changed_since(moment: datetime) -> list[UUID]:
    """The products of which anything that the shelf copies may have changed."""
    with connection.cursor() as cursor:
        cursor.execute(CHANGED, {"since": moment})
        return [row[0] for row in cursor.fetchall()]


def every_product() -> list[UUID]:
    """All products by key, which is by age."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM products WHERE NOT is_deleted ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


class Reader:
    """Reads facts; knows the tree of categories as it was when the reader was made."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(CATEGORIES)
            rows = cursor.fetchall()
        by_path = {path: (key, name) for path, key, name in rows}
        self.above = {path: _above(path, by_path) for path in by_path}

    def facts(self, ids: Sequence[UUID]) -> list[Facts]:
        """The facts of those of the products that shoppers can see."""
        with connection.cursor() as cursor:
            cursor.execute(FACTS, [list(ids)])
            return [self._facts(row) for row in cursor.fetchall()]

    def _facts(self, row: Sequence[Any]) -> Facts:
        above = self.above[row[3]]
        # "Shirts & T-shirts" holds both, so it is no name for either.
        broad = [name for _, name in above[:-1] if "&" in name]
        return Facts(
            id=row[0],
            brand=row[1],
            category=row[2],
            within=tuple(key for key, _ in above),
            gender=row[4],
            age_min=row[5],
            age_max=row[6],
            rating=row[7],
            rating_count=row[8],
            popularity=row[9],
            published_at=row[10],
            price=row[11],
            discount=row[12],
            offers=tuple(map(Offer, row[13], row[14], row[15])),
            name=row[16],
            labels=" ".join([row[17], *(name for _, name in above if name not in broad)]),
            text=" ".join([row[18], *_texts(row[19]), *broad]),
        )


def _above(path: str, by_path: dict[str, tuple[UUID, str]]) -> list[tuple[UUID, str]]:
    """The category at the path and those above it."""
    slugs = path.strip("/").split("/")
    paths = ["/" + "/".join(slugs[: n + 1]) + "/" for n in range(len(slugs))]
    return [by_path[one] for one in paths if one in by_path]


def _texts(attributes: Any) -> list[str]:
    """The words that merchandisers gave as attributes, `keywords` among them."""
    if isinstance(attributes, str):
        return [attributes]
    if isinstance(attributes, dict):
        attributes = list(attributes.values())
    if isinstance(attributes, list):
        return [text for one in attributes for text in _texts(one)]
    return []
