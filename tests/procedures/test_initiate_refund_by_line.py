"""`initiate_refund` by line: the pieces come to the whole, and never to more than was sold."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from commerce.core.procedures import call
from commerce.orders.models import Order
from commerce.payments.models import Payment, Refund, RefundItem
from tests.shop.builder import Shop
from tests.shop.refusals import refusal

NAME = "initiate_refund"


@pytest.fixture
def order(shop: Shop) -> Order:
    """A paid order of 3 units that come to 100.00 together, after a coupon."""
    shop.coupon("HUNDRED", kind="flat", value=Decimal("50.00"))
    return shop.paid({shop.variant("50.00"): 3}, coupon="HUNDRED")


def units(order: Order, quantity: int) -> list[dict[str, Any]]:
    """So many units of the order's only line."""
    return [{"order_item_id": str(order.items.get().id), "quantity": quantity}]


def test_line_piece_by_piece_comes_to_the_whole(order: Order) -> None:
    amounts = [call(NAME, p_order_id=order.id, p_items=units(order, 1)).amount for _ in range(3)]

    assert amounts == [Decimal("33.33"), Decimal("33.34"), Decimal("33.33")]
    assert list(RefundItem.objects.order_by("created_at").values_list("quantity", "amount")) == [
        (1, Decimal("33.33")),
        (1, Decimal("33.34")),
        (1, Decimal("33.33")),
    ]


def test_line_named_twice_counts_together(order: Order) -> None:
    asked = call(NAME, p_order_id=order.id, p_items=units(order, 1) + units(order, 2))

    assert asked.amount == Decimal("100.00")
    assert RefundItem.objects.get().quantity == 3


def test_units_of_a_failed_refund_count_for_nothing(order: Order) -> None:
    call(NAME, p_order_id=order.id, p_items=units(order, 3))
    Refund.objects.update(status="failed")

    again = call(NAME, p_order_id=order.id, p_items=units(order, 3))

    assert again.amount == Decimal("100.00")


def test_units_of_another_payments_refund_count_for_nothing(shop: Shop, order: Order) -> None:
    kept = Payment.objects.get()
    shop.settle(shop.event(kept, p_provider_payment_id="pay_other"))
    further = Payment.objects.get(disposition="refund_due")
    call(NAME, p_payment_id=further.id, p_items=units(order, 3))

    asked = call(NAME, p_payment_id=kept.id, p_items=units(order, 3))

    assert asked.amount == Decimal("100.00")
    assert Refund.objects.get(id=asked.refund_id).payment_id == kept.id


def test_more_units_than_were_sold_are_refused(order: Order) -> None:
    call(NAME, p_order_id=order.id, p_items=units(order, 2))

    told = refusal(NAME, p_order_id=order.id, p_items=units(order, 2))

    assert told == (
        "refund_quantity_exceeded",
        422,
        {"order_item_id": str(order.items.get().id), "requested": 2, "refundable": 1},
    )


@pytest.mark.parametrize("quantity", [0, -1, None])
def test_quantity_below_one_is_refused(order: Order, quantity: int | None) -> None:
    wrong = [{"order_item_id": str(order.items.get().id), "quantity": quantity}]

    told = refusal(NAME, p_order_id=order.id, p_items=wrong + units(order, 3))

    assert told == ("bad_quantity", 422, {"order_item_id": str(order.items.get().id)})


def test_line_of_another_order_is_refused(shop: Shop, order: Order) -> None:
    other = shop.placed({shop.variant("10.00"): 1})

    told = refusal(NAME, p_order_id=order.id, p_items=units(other, 1))

    assert told == (
        "order_item_not_found",
        404,
        {"order_item_id": str(other.items.get().id)},
    )


def test_lines_and_amount_together_are_refused(order: Order) -> None:
    told = refusal(NAME, p_order_id=order.id, p_items=units(order, 3), p_amount=Decimal("1.00"))

    assert told == ("bad_amount", 422, {"amount": "100.00"})


def test_no_lines_are_refused(order: Order) -> None:
    assert refusal(NAME, p_order_id=order.id, p_items=[]) == ("bad_amount", 422, {"amount": "0"})
