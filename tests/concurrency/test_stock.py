"""The last units go to as many buyers as there are units, and carts in any order never deadlock."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

from django.db import IntegrityError

from commerce.core.procedures import call
from commerce.inventory.models import Inventory
from commerce.orders.models import Order
from tests.concurrency.buying import ONE_PRICE, PRICE, buy, buy_and_pay, customers, fill, sold
from tests.concurrency.mutants import mutant, replaced, unlocked, without
from tests.concurrency.racing import conflicts, crowd, outcomes, pile_up
from tests.concurrency.sizes import size
from tests.concurrency.web import PROCESSES, Answer, Customer, Web, piled_up, together
from tests.shop.builder import Shop

UNITS, TRIES = size(100, 1000), size(320, 3200)
UNITS_OVER_HTTP, TRIES_OVER_HTTP = size(20, 1000), size(64, 3200)
BUYERS, BUYERS_OVER_HTTP = size(32, 480), size(24, 240)
IN_ORDER = "ORDER BY variant_id, warehouse_id FOR UPDATE"
AS_ADDED = """ORDER BY (
    SELECT ci.added_at FROM cart_items ci
    WHERE ci.cart_id = v_cart.id AND ci.variant_id = inventory.variant_id
) FOR UPDATE"""
IMPATIENT = "SET deadlock_timeout = '10ms'"


def test_the_last_units_are_sold_once_each(shop: Shop) -> None:
    variant = shop.variant(ONE_PRICE, stock=UNITS)
    buyers = customers(TRIES)
    fill(buyers, variant)

    results = crowd([partial(buy, one) for one in buyers])

    assert outcomes(results) == {"ok": UNITS, "insufficient_stock": TRIES - UNITS}
    assert sold(variant) == Order.objects.filter(status="confirmed").count() == UNITS
    assert shop.inventory(variant) == (0, 0)
    shop.audit()


def test_the_last_units_are_sold_once_each_over_http(shop: Shop, web: Web) -> None:
    variant = shop.variant(ONE_PRICE, stock=UNITS_OVER_HTTP)
    buyers = web.customers(TRIES_OVER_HTTP)
    fill([one.address for one in buyers], variant)

    answers = together([one.buy for one in buyers])

    assert Counter(one.outcome for one in answers) == {
        "201": UNITS_OVER_HTTP,
        "409 insufficient_stock": TRIES_OVER_HTTP - UNITS_OVER_HTTP,
    }
    assert sold(variant) == Order.objects.filter(status="confirmed").count() == UNITS_OVER_HTTP
    assert shop.inventory(variant) == (0, 0)
    shop.audit()


def eight_want_the_last_unit(shop: Shop) -> tuple[list[Any], Inventory]:
    """What becomes of eight buyers' holds when all of them find the same unit free."""
    variant = shop.variant(stock=1)
    buyers = [shop.user() for _ in range(8)]
    for buyer in buyers:
        shop.cart(buyer, {variant: 1})
        shop.validate(buyer)
    row = Inventory.objects.get(variant=variant)

    results = pile_up(row, *[partial(shop.hold, buyer) for buyer in buyers])

    row.refresh_from_db()
    return results, row


def test_the_last_unit_is_held_by_one_of_eight(shop: Shop) -> None:
    results, row = eight_want_the_last_unit(shop)

    assert outcomes(results) == {"ok": 1, "insufficient_stock": 7}
    assert (row.on_hand, row.reserved) == (1, 1)


def test_without_the_lock_the_constraint_still_refuses_to_oversell(shop: Shop) -> None:
    with mutant("lock_inventory", unlocked("inventory")):
        results, row = eight_want_the_last_unit(shop)

    assert sum(isinstance(one, IntegrityError) for one in results) == 7
    assert (row.on_hand, row.reserved) == (1, 1)


def test_without_lock_and_constraint_one_unit_is_held_eight_times(shop: Shop) -> None:
    with (
        mutant("lock_inventory", unlocked("inventory")),
        without("inventory", "inventory_never_oversold"),
    ):
        results, row = eight_want_the_last_unit(shop)

    assert outcomes(results) == {"ok": 8}
    assert (row.on_hand, row.reserved) == (1, 8)


def two_batches_want_the_last_unit(shop: Shop) -> tuple[list[Any], int]:
    """What two shared calls of four buyers each make of a unit that both of them find free."""
    buyers = customers(8)
    fill(buyers, shop.variant(stock=1))
    for one in buyers:
        shop.validate(one.user, address=one)
    row = Inventory.objects.get()
    batches = [[one.user_id for one in four] for four in (buyers[:4], buyers[4:])]
    life = {"p_hold_seconds": 600, "p_hold_max_seconds": 600}
    results = pile_up(
        row,
        *[
            partial(call, "lock_inventory", p_user_id=None, p_user_ids=four, **life)
            for four in batches
        ],
    )
    row.refresh_from_db()
    assert outcomes(results) == {"ok": 2}
    return [one for result in results for one in result.outcomes], row.reserved


def test_the_last_unit_is_held_by_one_of_two_batches(shop: Shop) -> None:
    told, reserved = two_batches_want_the_last_unit(shop)

    assert [len(told), sum("expires_at" in one for one in told), reserved] == [8, 1, 1]


def test_without_lock_and_constraint_each_batch_holds_the_last_unit(shop: Shop) -> None:
    with (
        mutant("lock_inventory", unlocked("inventory")),
        without("inventory", "inventory_never_oversold"),
    ):
        told, reserved = two_batches_want_the_last_unit(shop)

    assert [len(told), sum("expires_at" in one for one in told), reserved] == [8, 2, 2]


def test_carts_in_opposite_orders_are_bought_without_a_deadlock(shop: Shop) -> None:
    variants = [shop.variant(ONE_PRICE, stock=BUYERS) for _ in range(4)]
    buyers = customers(BUYERS)
    fill(buyers[::2], *variants)
    fill(buyers[1::2], *reversed(variants))
    before = conflicts()

    results = crowd([partial(buy_and_pay, one, 4 * PRICE) for one in buyers])

    assert outcomes(results) == {"ok": BUYERS}
    assert conflicts() == before
    assert [(sold(variant), *shop.inventory(variant)) for variant in variants] == [
        (BUYERS, 0, 0)
    ] * 4
    shop.audit()


def test_carts_in_opposite_orders_are_bought_over_http(shop: Shop, web: Web) -> None:
    variants = [shop.variant(ONE_PRICE, stock=BUYERS_OVER_HTTP) for _ in range(4)]
    buyers = web.customers(BUYERS_OVER_HTTP)
    fill([one.address for one in buyers[::2]], *variants)
    fill([one.address for one in buyers[1::2]], *reversed(variants))

    busy = Inventory.objects.get(variant=variants[1])
    answers = piled_up(busy, [partial(bought_and_paid, one) for one in buyers], PROCESSES)

    assert Counter(one.outcome for one in answers) == {"200": BUYERS_OVER_HTTP}
    assert [(sold(variant), *shop.inventory(variant)) for variant in variants] == [
        (BUYERS_OVER_HTTP, 0, 0)
    ] * 4
    shop.audit()


def bought_and_paid(customer: Customer) -> Answer:
    """The answer to the webhook of a purchase, or to the step that failed."""
    placed = customer.buy("online")
    if placed.status != 201:
        return placed
    attempt = customer.app.post(f"orders/{placed.json['id']}/payments", {"provider": "sandbox"})
    if attempt.status != 201:
        return attempt
    paid = attempt.json["id"]
    return customer.app.capture(attempt.json, f"pay_{paid}", f"evt_{paid}")


def two_carts_meet(shop: Shop) -> tuple[list[Any], float]:
    """Two carts of three lines, added in opposite orders, held while the middle line is busy."""
    variants = [shop.variant(stock=10) for _ in range(3)]
    buyers = customers(2)
    fill(buyers[:1], *variants)
    fill(buyers[1:], *reversed(variants))
    for one in buyers:
        shop.validate(one.user, address=one)
    middle = Inventory.objects.get(variant=variants[1])
    before = conflicts()

    results = pile_up(middle, *[partial(shop.hold, one.user) for one in buyers], prepare=IMPATIENT)

    return results, conflicts() - before


def test_rows_locked_in_one_order_never_deadlock(shop: Shop) -> None:
    results, deadlocks = two_carts_meet(shop)

    assert outcomes(results) == {"ok": 2}
    assert deadlocks == 0


def test_rows_locked_as_they_were_added_deadlock(shop: Shop) -> None:
    with mutant("lock_inventory", replaced(IN_ORDER, AS_ADDED)):
        results, deadlocks = two_carts_meet(shop)

    assert outcomes(results) == {"ok": 2}, "the gateway repeats what a deadlock ended"
    assert deadlocks >= 1
