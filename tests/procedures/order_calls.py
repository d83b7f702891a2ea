"""The calls that several tests of orders make, as their parameters, and what they look at."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from django.db import connection

from commerce.cart.models import Cart, CartItem
from commerce.core.models import SagaStep
from commerce.inventory.models import StockReservation
from commerce.orders.models import Order
from tests.shop.builder import Shop


def key(owner_id: uuid.UUID | None, fingerprint: str = "f-1") -> dict[str, Any]:
    """The one key of this owner."""
    return {"p_owner": owner_id, "p_key": "k-1", "p_fingerprint": fingerprint}


def ordering(shop: Shop, cart: Cart, **changed: Any) -> dict[str, Any]:
    """The parameters of an order of the cart as it was checked out, at its own quote."""
    values = {
        "p_user_id": cart.user_id,
        "p_address_id": cart.address_id,
        "p_payment_method": cart.payment_method,
        "p_expected_total": shop.quote(cart.id)["total"],
        "p_payment_window_seconds": 900,
    }
    return values | changed


def cancelling(order: Order, **params: Any) -> dict[str, Any]:
    """The parameters of a cancellation by the order's owner."""
    values = {
        "p_order_id": order.id,
        "p_user_id": order.user_id,
        "p_actor_id": order.user_id,
        "p_actor_kind": "customer",
        "p_reason": "changed my mind",
        "p_line_max": 10,
    }
    return values | params


def moving(order: Order, to: str, **params: Any) -> dict[str, Any]:
    """The parameters of one step by the system, with tracking where it ships."""
    values: dict[str, Any] = {
        "p_order_id": order.id,
        "p_to": to,
        "p_actor_id": None,
        "p_actor_kind": "system",
    }
    if to == "shipped":
        values |= {"p_carrier": "Delhivery", "p_tracking_number": "DL123"}
    return values | params


def still_open(cart: Cart) -> bool:
    """Whether the cart is still open, with its holds unbound and no order anywhere."""
    return (
        Cart.objects.get(id=cart.id).status == "open"
        and not Order.objects.exists()
        and not StockReservation.objects.filter(order__isnull=False).exists()
    )


def in_cart(user_id: uuid.UUID) -> dict[str, tuple[int, Decimal]]:
    """The lines of the user's open cart: SKU → (quantity, price last seen)."""
    lines = CartItem.objects.filter(cart__user=user_id, cart__status="open", is_deleted=False)
    return {one.variant.sku: (one.quantity, one.seen_price) for one in lines}


def pending_steps(order: Order) -> set[tuple[str, uuid.UUID]]:
    """Steps and subjects of the order's pending cancel workflow."""
    steps = SagaStep.objects.filter(kind="cancel", saga_id=order.id, status="pending")
    return set(steps.values_list("step", "subject_id"))


def last_number(sequence: str) -> int:
    """The number that the sequence gave out last."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT last_value - (NOT is_called)::integer FROM {sequence}")
        return int(cursor.fetchone()[0])


@contextmanager
def counted_to(sequence: str, last: int) -> Iterator[None]:
    """The sequence has given out every number up to `last`; afterwards it is as it was."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT last_value, is_called FROM {sequence}")
        before = cursor.fetchone()
        cursor.execute("SELECT setval(%s, %s)", [sequence, last])
        try:
            yield
        finally:
            cursor.execute("SELECT setval(%s, %s, %s)", [sequence, *before])
