"""A shop of any size, made up in the database itself, for benchmarks.

The small shop's orders go through the procedures one by one, which takes a minute for a thousand.
Here every table is filled by one statement from the plan that the tables before it came from, so
that the books add up in the same way; all of it is one transaction.
"""

from __future__ import annotations

import time
from pathlib import Path

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from commerce.seed import network, shopfront
from commerce.seed.scale import words
from commerce.seed.scale.chance import written_out
from commerce.seed.scale.constraints import Constraints
from commerce.seed.world import World

STEPS = Path(__file__).parent / "sql"
CATALOGUE = ("10_products", "11_variants")
TRADE = (
    "20_baskets",
    "21_lines",
    "22_orders",
    "30_orders",
    "31_money",
    "32_story",
    "40_carts",
    "41_stock",
    "50_numbers",
)
TABLES = [
    "addresses",
    "cart_items",
    "carts",
    "coupon_usage",
    "inventory",
    "order_events",
    "order_items",
    "orders",
    "outbox",
    "payment_events",
    "payments",
    "product_images",
    "products",
    "refund_items",
    "refunds",
    "return_items",
    "returns",
    "saga_log",
    "stock_documents",
    "stock_ledger",
    "stock_reservations",
    "users",
    "variants",
    "wishlists",
]
# The load has the server to itself: memory for sorts, no time limit
SETTINGS = {
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "work_mem": "256MB",
    "maintenance_work_mem": "512MB",
    "temp_buffers": "256MB",
    "synchronous_commit": "off",
    "jit": "off",
}


def load(world: World, orders: int) -> None:
    """Fill the empty shop with so many products and orders, or leave it empty."""
    connection.close()  # what the load sets and makes for itself belongs to a session of its own
    try:
        with connection.cursor() as cursor:
            for name, value in SETTINGS.items():
                cursor.execute("SELECT set_config(%s, %s, FALSE)", [name, value])
            with transaction.atomic():
                _fill(cursor, world, orders)
            world.say("vacuum and statistics …")
            for table in TABLES:
                cursor.execute(f"VACUUM (ANALYZE) {table}")
            cursor.execute("ANALYZE")
    finally:
        connection.close()


def _fill(cursor: CursorWrapper, world: World, orders: int) -> None:
    taken = Constraints(cursor, TABLES)
    network.build(world)
    words.write(cursor, world, orders)
    for step in CATALOGUE:
        _take(cursor, world, step)
    shopfront.build(world)
    words.coupons(cursor)
    for step in TRADE:
        _take(cursor, world, step)
    started = time.monotonic()
    taken.put_back(cursor)
    world.say(f"indexes and references: {time.monotonic() - started:.1f} s")


def _take(cursor: CursorWrapper, world: World, step: str) -> None:
    started = time.monotonic()
    text = (STEPS / f"{step}.sql").read_text(encoding="utf-8")
    cursor.execute(written_out(text, world.random_seed))
    world.say(f"{step}: {time.monotonic() - started:.1f} s")
