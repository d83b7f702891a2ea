"""Sessions of one customer that check out or order the same cart at once get one of each."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

from django.db import IntegrityError

from commerce.cart import workflows as checkout
from commerce.inventory.models import Inventory, StockReservation
from commerce.orders.models import Order
from tests.concurrency.buying import ONE_PRICE, customers, fill
from tests.concurrency.mutants import mutant, unlocked, without
from tests.concurrency.racing import outcomes, pile_up
from tests.concurrency.web import Web, together
from tests.shop.builder import Shop

SESSIONS = 8


def test_one_cart_checked_out_from_many_sessions_is_held_once(shop: Shop) -> None:
    (buyer,) = customers(1)
    variants = [shop.variant(ONE_PRICE) for _ in range(3)]
    fill([buyer], *variants)
    check_out = partial(checkout.check_out, buyer.user_id, buyer.id, "online")

    results = pile_up(Inventory.objects.get(variant=variants[0]), *[check_out] * SESSIONS)

    assert outcomes(results) == {"ok": SESSIONS}
    assert {shop.inventory(variant) for variant in variants} == {(10, 1)}
    assert StockReservation.objects.filter(status="active").count() == 3
    shop.audit()


def many_holds_of_one_cart(shop: Shop) -> tuple[list[Any], int]:
    """What sessions of one customer make of a free row that they all found before any wrote."""
    (buyer,) = customers(1)
    variant = shop.variant(stock=100)
    fill([buyer], variant)
    shop.validate(buyer.user, address=buyer)
    row = Inventory.objects.get()
    results = pile_up(row, *[partial(shop.hold, buyer.user)] * SESSIONS)
    row.refresh_from_db()
    return results, row.reserved


def test_a_row_is_reserved_once_for_one_cart(shop: Shop) -> None:
    results, reserved = many_holds_of_one_cart(shop)

    assert outcomes(results) == {"ok": SESSIONS}
    assert reserved == 1


def test_without_locks_a_row_is_reserved_once_for_each_session(shop: Shop) -> None:
    with mutant("lock_inventory", unlocked("cart"), unlocked("inventory")):
        results, reserved = many_holds_of_one_cart(shop)

    assert outcomes(results) == {"ok": SESSIONS}
    assert reserved == SESSIONS


def test_one_cart_is_ordered_once_under_many_keys_over_http(shop: Shop, web: Web) -> None:
    (customer,) = web.customers(1)
    variant = shop.variant(ONE_PRICE)
    fill([customer.address], variant)
    quote = customer.app.post("checkout", customer.where).json["quote"]
    body = customer.where | {"expected_total": quote["total"]}

    answers = together([partial(customer.app.post, "orders", body)] * SESSIONS, SESSIONS)

    assert Counter(one.outcome for one in answers) == {"201": 1, "404 cart_not_found": SESSIONS - 1}
    assert Order.objects.count() == 1
    assert shop.inventory(variant) == (9, 0)
    shop.audit()


def test_many_sessions_that_check_out_and_order_over_http_get_one_order(
    shop: Shop, web: Web
) -> None:
    (customer,) = web.customers(1)
    variant = shop.variant(ONE_PRICE)
    fill([customer.address], variant)

    answers = together([customer.buy] * SESSIONS, SESSIONS)

    assert {one.outcome for one in answers} <= {
        *("201", "404 cart_not_found", "409 checkout_stale", "404 address_not_found"),
    }
    assert [one.status for one in answers].count(201) == Order.objects.count() == 1
    assert shop.inventory(variant) == (9, 0)
    shop.audit()


def many_orders_of_one_cart(shop: Shop) -> list[Any]:
    """What becomes of orders under keys of their own while the cart they are of is busy."""
    cart = shop.checked_out({shop.variant(): 1})
    total = shop.quote(cart.id)["total"]
    place = [
        partial(
            shop.create_order,
            cart,
            p_expected_total=total,
            p_owner=cart.user_id,
            p_key=shop.key(),
            p_fingerprint="x",
        )
        for _ in range(SESSIONS)
    ]
    return pile_up(cart, *place)


def test_one_of_many_orders_of_a_cart_is_placed(shop: Shop) -> None:
    assert outcomes(many_orders_of_one_cart(shop)) == {"ok": 1, "cart_not_found": SESSIONS - 1}


def test_without_locks_the_constraint_refuses_a_second_order_of_a_cart(shop: Shop) -> None:
    with mutant("create_order", unlocked("user"), unlocked("cart")):
        results = many_orders_of_one_cart(shop)

    assert sum(isinstance(one, IntegrityError) for one in results) == SESSIONS - 1
    assert Order.objects.count() == 1


def test_without_locks_and_constraint_a_cart_becomes_many_orders(shop: Shop) -> None:
    with (
        mutant("create_order", unlocked("user"), unlocked("cart")),
        without("orders", "orders_cart_id_key"),
    ):
        results = many_orders_of_one_cart(shop)
        placed = Order.objects.count()

    assert outcomes(results) == {"ok": SESSIONS}
    assert placed == SESSIONS
