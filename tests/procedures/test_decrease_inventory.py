"""`decrease_inventory`: stock leaves once, by the sale of an order."""

from __future__ import annotations

from typing import Any

from commerce.core.models import SagaStep
from commerce.core.procedures import Result, call
from commerce.inventory.models import Inventory, StockLedgerEntry, StockReservation
from commerce.orders.models import Order, OrderItem
from tests.shop.builder import Shop
from tests.shop.locks import assert_locks, at_once
from tests.shop.refusals import refusal
from tests.shop.stock import movements

NAME = "decrease_inventory"


def confirmed(shop: Shop, lines: dict[Any, int]) -> Order:
    """A paid order whose stock is still held."""
    order = shop.placed(lines)
    shop.settle(shop.event(shop.attempt(order)))
    order.refresh_from_db()
    return order


def test_held_stock_of_a_confirmed_order_leaves(shop: Shop) -> None:
    shirt, cap = shop.variant(stock=5), shop.variant(stock=3)
    order = confirmed(shop, {shirt: 2, cap: 3})

    result = call(NAME, p_order_id=order.id)

    assert (result.units, result.document_id, result.replayed) == (5, None, False)
    assert (shop.inventory(shirt), shop.inventory(cap)) == ((3, 0), (0, 0))
    assert (movements(shirt), movements(cap)) == ([("sale", -2, 3)], [("sale", -3, 0)])
    item = OrderItem.objects.get(order=order, variant=shirt)
    assert (item.quantity_sold, item.quantity_restored) == (2, 0)
    assert StockLedgerEntry.objects.get(kind="sale", variant=shirt).order_item_id == item.id
    ended = StockReservation.objects.filter(order=order)
    assert {(hold.status, hold.end_reason) for hold in ended} == {("consumed", "sold")}
    assert all(hold.ended_at for hold in ended)


def test_the_step_of_the_saga_is_done(shop: Shop) -> None:
    order = confirmed(shop, {shop.variant(): 1})
    step = SagaStep.objects.get(step=NAME, subject_id=order.id)
    assert step.status == "pending"

    call(NAME, p_order_id=order.id)

    step.refresh_from_db()
    assert step.status == "done"
    assert step.finished_at is not None


def test_a_second_call_takes_nothing_more(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    order = confirmed(shop, {shirt: 2})
    call(NAME, p_order_id=order.id)

    result = call(NAME, p_order_id=order.id)

    assert (result.units, result.replayed) == (0, False)
    assert shop.inventory(shirt) == (3, 0)
    assert movements(shirt) == [("sale", -2, 3)]


def test_two_calls_at_once_take_the_stock_once(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    order = confirmed(shop, {shirt: 2})

    results = at_once(*[lambda: call(NAME, p_order_id=order.id)] * 3)

    assert sorted(one.units for one in results if isinstance(one, Result)) == [0, 0, 2]
    assert shop.inventory(shirt) == (3, 0)


def test_nothing_leaves_for_a_cancelled_order(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    order = confirmed(shop, {shirt: 2})
    call("cancel_order", p_order_id=order.id, p_actor_kind="staff", p_reason="wish")

    assert call(NAME, p_order_id=order.id).units == 0

    assert shop.inventory(shirt) == (5, 2)
    assert StockReservation.objects.get(order=order).status == "active"


def test_the_step_that_finds_a_cancelled_order_is_done(shop: Shop) -> None:
    order = confirmed(shop, {shop.variant(): 1})
    call("cancel_order", p_order_id=order.id, p_actor_kind="staff", p_reason="wish")
    SagaStep.objects.filter(step=NAME, subject_id=order.id).update(status="pending")

    call(NAME, p_order_id=order.id)

    assert SagaStep.objects.get(step=NAME, subject_id=order.id).status == "done"


def test_an_unknown_order_is_not_found(shop: Shop) -> None:
    nowhere = shop.user().id

    assert refusal(NAME, p_order_id=nowhere) == (
        "order_not_found",
        404,
        {"order_id": str(nowhere)},
    )


def test_an_unpaid_order_keeps_its_holds(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    order = shop.placed({shirt: 2})

    assert refusal(NAME, p_order_id=order.id) == (
        "order_not_confirmed",
        409,
        {"status": "pending_payment"},
    )
    assert shop.inventory(shirt) == (5, 2)


def test_a_key_of_an_order_answers_what_it_sold(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    order = confirmed(shop, {shirt: 2})
    key = {"p_owner": order.user_id, "p_key": shop.key(), "p_fingerprint": "f1"}
    call(NAME, p_order_id=order.id, **key)

    again = call(NAME, p_order_id=order.id, **key)

    assert (again.units, again.document_id, again.replayed) == (2, None, True)
    assert shop.inventory(shirt) == (3, 0)


def test_order_lines_stock_and_holds_are_locked(shop: Shop) -> None:
    shirt = shop.variant()
    order = confirmed(shop, {shirt: 1})

    assert_locks(order, NAME, p_order_id=order.id)
    assert_locks(order.items.get(), NAME, p_order_id=order.id)
    assert_locks(Inventory.objects.get(variant=shirt), NAME, p_order_id=order.id)
    assert_locks(StockReservation.objects.get(order=order), NAME, p_order_id=order.id)
