"""Compares what buyers were told with what the shop has: each effect is found exactly once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Sum

from commerce.cart.models import CartItem
from commerce.core.models import OutboxMessage
from commerce.inventory.models import Inventory
from commerce.orders.models import Order
from commerce.payments.models import Payment, Refund
from tests.crash.buyers import Remembered

GIVEN_BACK = frozenset({"cancelled", "returned"})


def discrepancies(remembered: Iterable[Remembered], stock: Mapping[str, int]) -> list[str]:
    """What is missing, doubled or different; `stock` is how much of each variant there was."""
    known = list(remembered)
    expected = {
        **{f"order {one.order_id}": _told(one) for one in known},
        **{f"cart of {one.customer.user_id}": _left_in_cart(one) for one in known},
        **{f"stock of {variant}": level for variant, level in _levels(known, stock).items()},
    }
    found = _orders() | _carts() | _stock()
    return [
        f"{name}: told {expected.get(name)}, found {found.get(name)}"
        for name in sorted(expected.keys() | found.keys())
        if (expected.get(name) or None) != (found.get(name) or None)
    ]


def _told(one: Remembered) -> dict[str, Any]:
    return {
        "user": one.customer.user_id,
        "number": one.number,
        "state": (one.status, one.payment_status),
        "total": one.total,
        "units": one.units,
        "captured": one.captured,
        "refunded": one.refunded,
        "confirmations": int(one.confirmed),
        "cancellations": int(one.status == "cancelled"),
    }


def _orders() -> dict[str, Any]:
    """The same of each order that the shop has."""
    captured = _sums(Payment.objects.filter(status="captured"), "captured_amount")
    refunded = _sums(Refund.objects.filter(status="succeeded"), "amount")
    told = Counter(OutboxMessage.objects.values_list("aggregate_id", "topic"))
    return {
        f"order {order.id}": {
            "user": str(order.user_id),
            "number": order.number,
            "state": (order.status, order.payment_status),
            "total": order.total,
            "units": {str(item.variant_id): item.quantity for item in order.items.all()},
            "captured": captured.get(order.id, 0),
            "refunded": refunded.get(order.id, 0),
            "confirmations": told[order.id, "order.confirmed"],
            "cancellations": told[order.id, "order.cancelled"],
        }
        for order in Order.objects.prefetch_related("items")
    }


def _sums(rows: Any, column: str) -> dict[Any, Any]:
    return dict(rows.order_by().values_list("order").annotate(Sum(column)))


def _left_in_cart(one: Remembered) -> dict[str, int]:
    """The lines of an order that was never paid go back into the cart."""
    return one.units if one.status == "cancelled" and not one.captured else {}


def _carts() -> dict[str, Any]:
    carts: dict[str, Any] = {}
    for line in CartItem.objects.filter(cart__status="open", is_deleted=False):
        units = carts.setdefault(f"cart of {line.cart.user_id}", {})
        units[str(line.variant_id)] = line.quantity
    return carts


def _levels(known: list[Remembered], stock: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """(on hand, reserved) of each variant after all that buyers were told."""
    gone: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for one in known:
        if one.status not in GIVEN_BACK:
            (gone if one.confirmed else held).update(one.units)
    return {variant: (had - gone[variant], held[variant]) for variant, had in stock.items()}


def _stock() -> dict[str, Any]:
    return {
        f"stock of {row.variant_id}": (row.on_hand, row.reserved) for row in Inventory.objects.all()
    }
