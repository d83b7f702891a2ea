"""`update_order_status`: goods whose money is wholly back do not leave the house."""

from __future__ import annotations

from decimal import Decimal

import pytest

from commerce.core.procedures import call
from commerce.orders.models import Order
from tests.procedures.order_calls import moving
from tests.shop.builder import Shop
from tests.shop.refusals import refusal

NAME = "update_order_status"
WAY = ("packed", "shipped", "out_for_delivery", "delivered")


def reached(shop: Shop, status: str) -> Order:
    """An order of 998.00, paid online and moved up to this status."""
    order = shop.paid({shop.variant("499.00"): 2})
    for step in WAY[: WAY.index(status) + 1] if status in WAY else ():
        shop.move(order, step)
    return order


def paid_back(shop: Shop, order: Order, amount: Decimal | None = None) -> None:
    """The order's refund, of the whole unless an amount is given, as the provider settles it."""
    made = call("initiate_refund", p_order_id=order.id, p_amount=amount, p_reason="Goodwill")
    told = shop.event(
        order.payments.get(),
        "refund.processed",
        p_refund_id=made.refund_id,
        p_provider_refund_id=f"rf_{made.refund_id.hex}",
        p_amount=made.amount,
    )
    shop.settle(told)


@pytest.mark.parametrize(("status", "to"), [("confirmed", "packed"), ("packed", "shipped")])
def test_refunded_order_is_not_sent(shop: Shop, status: str, to: str) -> None:
    order = reached(shop, status)
    paid_back(shop, order)

    said = refusal(NAME, **moving(order, to))

    assert said == ("order_refunded", 409, {"order_id": str(order.id)})
    order.refresh_from_db()
    assert (order.status, order.payment_status) == (status, "refunded")


def test_partly_refunded_order_is_sent(shop: Shop) -> None:
    order = reached(shop, "confirmed")
    paid_back(shop, order, Decimal("997.99"))

    assert [shop.move(order, to).status for to in WAY[:2]] == ["packed", "shipped"]


@pytest.mark.parametrize("to", ["out_for_delivery", "returned_to_origin"])
def test_order_refunded_on_its_way_goes_on(shop: Shop, to: str) -> None:
    order = reached(shop, "shipped")
    paid_back(shop, order)

    assert shop.move(order, to).status == to
