"""`restore_inventory`: sold goods go back on the shelf, each unit once, the damaged never."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings

from commerce.core.models import SagaStep
from commerce.core.procedures import Result, call
from commerce.inventory.models import Inventory, StockLedgerEntry
from commerce.orders.models import Order, OrderItem, Return, ReturnItem
from tests.shop.builder import Shop
from tests.shop.locks import assert_locks, at_once
from tests.shop.refusals import refusal
from tests.shop.stock import movements

NAME = "restore_inventory"


def cancelled(shop: Shop, lines: dict[Any, int]) -> Order:
    """A paid order, cancelled after its stock had left."""
    order = shop.paid(lines)
    call("cancel_order", p_order_id=order.id, p_actor_kind="staff", p_reason="wish")
    return order


def requested(order: Order, pieces: dict[Any, int]) -> Return:
    """A return of these pieces of a delivered order."""
    items = {item.variant_id: str(item.id) for item in order.items.all()}
    made = call(
        "request_return",
        p_order_id=order.id,
        p_user_id=order.user_id,
        p_items=[
            {"order_item_id": items[variant.id], "quantity": quantity}
            for variant, quantity in pieces.items()
        ],
        p_reason="too small",
        p_window_days=settings.RETURN_WINDOW_DAYS,
    )
    return Return.objects.get(id=made.return_id)


def move(made: Return, to: str, **params: Any) -> None:
    """One step of the return by the staff."""
    values = {"p_return_id": made.id, "p_to": to, "p_actor_id": None, "p_actor_kind": "staff"}
    call("update_return_status", **(values | params))


def received(order: Order, pieces: dict[Any, int], *damaged: Any) -> Return:
    """A return whose goods have arrived, those of the `damaged` variants unsellable."""
    made = requested(order, pieces)
    move(made, "approved")
    conditions = [
        {"order_item_id": str(order.items.get(variant=one).id), "condition": "damaged"}
        for one in damaged
    ]
    move(made, "received", p_items=conditions)
    return made


def sold(order: Order, variant: Any) -> tuple[int, int]:
    """(sold, restored) of the line."""
    item = OrderItem.objects.get(order=order, variant=variant)
    return item.quantity_sold, item.quantity_restored


def test_all_that_a_cancelled_order_took_goes_back(shop: Shop) -> None:
    shirt, cap = shop.variant(stock=5), shop.variant(stock=3)
    order = cancelled(shop, {shirt: 2, cap: 3})
    step = SagaStep.objects.get(step=NAME, subject_id=order.id)
    assert (step.status, shop.inventory(shirt), shop.inventory(cap)) == ("pending", (3, 0), (0, 0))

    assert call(NAME, p_order_id=order.id).units == 5

    assert (shop.inventory(shirt), shop.inventory(cap)) == ((5, 0), (3, 0))
    assert (sold(order, shirt), sold(order, cap)) == ((2, 2), (3, 3))
    assert movements(shirt) == [("sale", -2, 3), ("restore", 2, 5)]
    entry = StockLedgerEntry.objects.get(kind="restore", variant=cap)
    assert (entry.order_item, entry.return_item) == (order.items.get(variant=cap), None)
    step.refresh_from_db()
    assert step.status == "done"
    assert step.finished_at is not None


def test_an_order_refused_at_the_door_is_restored(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    order = shop.placed({shirt: 2}, method="cod")
    for status in ("packed", "shipped", "returned_to_origin"):
        shop.move(order, status)

    assert call(NAME, p_order_id=order.id).units == 2

    assert shop.inventory(shirt) == (5, 0)


def test_a_second_call_puts_nothing_back(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    order = cancelled(shop, {shirt: 2})
    call(NAME, p_order_id=order.id)

    assert call(NAME, p_order_id=order.id).units == 0

    assert shop.inventory(shirt) == (5, 0)
    assert len(movements(shirt)) == 2


def test_many_calls_at_once_put_it_back_once(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    order = cancelled(shop, {shirt: 2})

    results = at_once(*[lambda: call(NAME, p_order_id=order.id)] * 3)

    assert sorted(one.units for one in results if isinstance(one, Result)) == [0, 0, 2]
    assert shop.inventory(shirt) == (5, 0)


def test_holds_that_were_never_consumed_are_not_restored(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    order = shop.placed({shirt: 2})
    call("cancel_order", p_order_id=order.id, p_actor_kind="customer", p_reason="wish")

    assert call(NAME, p_order_id=order.id).units == 0

    assert shop.inventory(shirt) == (5, 2)


def test_returned_goods_go_back_and_damaged_ones_do_not(shop: Shop) -> None:
    shirt, cap, sock = (shop.variant(stock=5) for _ in range(3))
    order = shop.delivered({shirt: 3, cap: 2, sock: 1})
    made = received(order, {shirt: 2, cap: 1}, cap)

    assert call(NAME, p_return_id=made.id).units == 2

    assert [shop.inventory(one) for one in (shirt, cap, sock)] == [(4, 0), (3, 0), (4, 0)]
    assert [sold(order, one) for one in (shirt, cap, sock)] == [(3, 2), (2, 0), (1, 0)]
    assert movements(shirt)[1:] == [("restore", 2, 4)]
    entry = StockLedgerEntry.objects.get(kind="restore")
    assert entry.return_item == made.items.get(order_item__variant=shirt)
    assert not ReturnItem.objects.filter(restored_at=None).exists()
    assert SagaStep.objects.get(step=NAME, subject_id=made.id).status == "done"


def test_a_return_is_restored_once(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    made = received(shop.delivered({shirt: 3}), {shirt: 2})
    call(NAME, p_return_id=made.id)

    assert call(NAME, p_return_id=made.id).units == 0

    assert shop.inventory(shirt) == (4, 0)


def test_many_calls_at_once_restore_a_return_once(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    made = received(shop.delivered({shirt: 3}), {shirt: 2})

    results = at_once(*[lambda: call(NAME, p_return_id=made.id)] * 3)

    assert sorted(one.units for one in results if isinstance(one, Result)) == [0, 0, 2]
    assert shop.inventory(shirt) == (4, 0)


def test_two_returns_of_one_line_add_up(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    order = shop.delivered({shirt: 3})

    for pieces in (1, 2):
        call(NAME, p_return_id=received(order, {shirt: pieces}).id)

    assert shop.inventory(shirt) == (5, 0)
    assert sold(order, shirt) == (3, 3)


def test_no_more_goes_back_than_was_sold(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    order = shop.delivered({shirt: 3})
    made = received(order, {shirt: 3})
    OrderItem.objects.filter(order=order).update(quantity_restored=2)

    assert call(NAME, p_return_id=made.id).units == 1

    assert sold(order, shirt) == (3, 3)


def test_unknown_orders_and_returns_are_not_found(shop: Shop) -> None:
    nowhere = shop.user().id

    assert refusal(NAME, p_order_id=nowhere) == ("order_not_found", 404, {"order_id": str(nowhere)})
    assert refusal(NAME, p_return_id=nowhere) == (
        "return_not_found",
        404,
        {"return_id": str(nowhere)},
    )


def test_a_living_order_is_not_restored(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    order = shop.paid({shirt: 2})

    assert refusal(NAME, p_order_id=order.id) == (
        "order_not_restorable",
        409,
        {"status": "confirmed"},
    )
    assert shop.inventory(shirt) == (3, 0)


@pytest.mark.parametrize("status", ["requested", "approved"])
def test_goods_that_have_not_arrived_are_not_restored(shop: Shop, status: str) -> None:
    shirt = shop.variant(stock=5)
    made = requested(shop.delivered({shirt: 2}), {shirt: 1})
    if status == "approved":
        move(made, "approved")

    assert refusal(NAME, p_return_id=made.id) == ("return_not_received", 409, {"status": status})
    assert shop.inventory(shirt) == (3, 0)


def test_order_return_their_lines_and_stock_are_locked(shop: Shop) -> None:
    shirt = shop.variant()
    order = shop.delivered({shirt: 2})
    made = received(order, {shirt: 1})

    for row in (
        order,
        order.items.get(),
        made,
        made.items.get(),
        Inventory.objects.get(variant=shirt),
    ):
        assert_locks(row, NAME, p_return_id=made.id)
