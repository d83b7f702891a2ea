"""A shop with one variant that everybody wants, and a validated cart for each of many buyers."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from django.db import connection

BUYERS = 40_000
STOCK = 10_000_000
SHOP = """
INSERT INTO warehouses (code, name, city, state, pincode) VALUES
    ('BLR', 'Bengaluru', 'Bengaluru', 'Karnataka', '560001'),
    ('DEL', 'Delhi', 'Delhi', 'Delhi', '110001');
INSERT INTO warehouse_regions (warehouse_id, prefix, priority)
SELECT id, p, CASE WHEN (code = 'BLR') = (p = '5') THEN 1 ELSE 2 END
FROM warehouses, unnest(ARRAY['1', '5']) p;
INSERT INTO serviceable_pincodes (pincode, city, state) VALUES ('560001', 'Bengaluru', 'Karnataka');
INSERT INTO brands (name, slug) VALUES ('Brand', 'brand');
INSERT INTO categories (name, slug, path) VALUES ('Category', 'category', 'category');
INSERT INTO products (slug, name, status, hsn_code, gst_rate, brand_id, category_id)
SELECT 'hot', 'Hot', 'active', '6111', 5, b.id, c.id FROM brands b, categories c;
INSERT INTO variants (sku, size, colour, price, mrp, product_id)
SELECT 'HOT', 'M', 'red', 100, 100, id FROM products;
INSERT INTO inventory (variant_id, warehouse_id) SELECT v.id, w.id FROM variants v, warehouses w;
INSERT INTO users (phone) SELECT '+9198' || lpad(n::text, 8, '0') FROM generate_series(1, %s) n;
INSERT INTO addresses (name, phone, line1, city, state, pincode, user_id)
SELECT 'Buyer', phone, '1 Road', 'Bengaluru', 'Karnataka', '560001', id FROM users;
INSERT INTO carts (user_id, address_id, validated_version) SELECT user_id, id, 1 FROM addresses;
INSERT INTO cart_items (cart_id, variant_id, quantity, seen_price)
SELECT c.id, v.id, 1, 100 FROM carts c, variants v;
INSERT INTO stock_reservations (variant_id, warehouse_id, cart_id, quantity, cart_version, status,
    first_held_at, expires_at, ended_at, end_reason, created_by_id)
SELECT v.id, w.id, c.id, 1, 1, 'released', now(), now(), now(), 'an earlier visit', c.user_id
FROM carts c, variants v, warehouses w WHERE w.code = 'BLR';
"""
BEGIN_AGAIN = """
DELETE FROM stock_reservations WHERE status = 'active';
UPDATE inventory SET reserved = 0, on_hand = %s;
"""


class Hot(NamedTuple):
    """The one row of stock, and what a hold of it names."""

    inventory: UUID
    variant: UUID
    warehouse: UUID


class Miscounted(Exception):
    """Calls, holds and the stock row tell different numbers."""


def open_shop() -> Hot:
    """Make the shop unless an earlier run did; answers its hot row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM carts)")
        if cursor.fetchone() == (False,):
            cursor.execute(SHOP, [BUYERS])
            cursor.execute("VACUUM ANALYZE")
        cursor.execute(
            "SELECT i.id, variant_id, warehouse_id FROM inventory i"
            " JOIN warehouses w ON w.id = i.warehouse_id WHERE w.code = 'BLR'"
        )
        return Hot(*cursor.fetchone())


def buyers() -> list[tuple[UUID, UUID]]:
    """(user, cart) of each buyer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT user_id, id FROM carts ORDER BY id")
        return list(cursor.fetchall())


def begin_again() -> None:
    """Let go of every hold."""
    with connection.cursor() as cursor:
        cursor.execute(BEGIN_AGAIN, [STOCK])
        cursor.execute("VACUUM inventory, stock_reservations")


def count_holds(expected: int) -> None:
    """Raise Miscounted unless holds and stock agree with the number of successful calls."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM stock_reservations WHERE status = 'active'),"
            " (SELECT sum(reserved) FROM inventory)"
        )
        found = cursor.fetchone()
    if found != (expected, expected):
        raise Miscounted(f"{expected} calls, {found[0]} holds, {found[1]} reserved")
