"""Attempts to pay: what the tests of `register_payment_attempt` share."""

from __future__ import annotations

from typing import Any

from commerce.core.procedures import call
from commerce.orders.models import Order
from tests.shop.builder import Shop

NAME = "register_payment_attempt"


def attempt(order: Order, **params: Any) -> dict[str, Any]:
    """The parameters of one online attempt of thirty minutes."""
    return {"p_order_id": order.id, "p_provider": "sandbox", "p_window_seconds": 1800} | params


def frozen_cod(shop: Shop, **options: Any) -> Order:
    """A COD order with its pricing frozen, not yet confirmed."""
    cart = shop.checked_out({shop.variant("499.00"): 2}, method="cod", **options)
    order_id = shop.create_order(cart).order_id
    call("freeze_order_pricing", p_order_id=order_id)
    return Order.objects.get(id=order_id)
