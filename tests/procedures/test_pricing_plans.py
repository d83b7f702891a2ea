"""How the views and locks find one cart among thousands: on indexes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from commerce.cart.models import Cart
from tests.shop.builder import Shop

OPEN_CART = """
SELECT * FROM carts
WHERE status = 'open'
  AND (user_id = $1 OR ($1 IS NULL AND user_id IS NULL AND token_hash = $2))
"""


@pytest.fixture
def cart(shop: Shop) -> Cart:
    """One of 5,000 carts with two lines each, in a database that knows how many there are."""
    shop.variant()
    shop.variant()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO carts (token_hash) "
            "SELECT lpad(n::text, 64, '0') FROM generate_series(1, 5000) AS n"
        )
        cursor.execute(
            "INSERT INTO cart_items (cart_id, variant_id, quantity, seen_price) "
            "SELECT c.id, v.id, 1, v.price FROM carts c CROSS JOIN variants v"
        )
        cursor.execute("ANALYZE")
    return Cart.objects.get(token_hash=f"{2500:064d}")


def scans(query: str, types: str, *values: UUID | str | None) -> dict[str, set[str]]:
    """How each table is read, by the generic plan that a procedure settles on in the end."""
    found: dict[str, set[str]] = {}

    def visit(node: dict[str, Any]) -> None:
        if "Relation Name" in node:
            found.setdefault(node["Relation Name"], set()).add(node["Node Type"])
        for inner in node.get("Plans", []):
            visit(inner)

    places = ", ".join(["%s"] * len(values))
    with connection.cursor() as cursor:
        cursor.execute("SET plan_cache_mode = force_generic_plan")
        cursor.execute(f"PREPARE looked_up ({types}) AS {query}")
        try:
            cursor.execute(f"EXPLAIN (FORMAT JSON) EXECUTE looked_up ({places})", values)
            ((plan,),) = cursor.fetchall()
        finally:
            cursor.execute("DEALLOCATE looked_up")
            cursor.execute("RESET plan_cache_mode")
    visit(plan[0]["Plan"])
    return found


@pytest.mark.parametrize("view", ["priced_lines", "line_shares", "quotes"])
def test_prices_of_one_cart_read_no_other_cart(cart: Cart, view: str) -> None:
    found = scans(f"SELECT * FROM {view} WHERE kind = 'cart' AND owner_id = $1", "uuid", cart.id)

    assert (found["carts"], found["cart_items"]) == ({"Index Scan"}, {"Index Scan"})


def test_stock_of_one_carts_lines_reads_no_other_cart(cart: Cart) -> None:
    found = scans("SELECT * FROM cart_line_stock WHERE cart_id = $1", "uuid", cart.id)

    assert found["cart_items"] == {"Index Scan"}


def test_open_cart_is_found_by_user_or_token_on_indexes(cart: Cart) -> None:
    found = scans(OPEN_CART, "uuid, text", None, cart.token_hash)

    assert found["carts"] == {"Bitmap Heap Scan"}
