"""Payments as their buyers see them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from commerce.core import prepared

OWN_PAYMENT = """
SELECT p.id, p.provider, p.provider_order_id, p.amount, p.currency
FROM payments p JOIN orders o ON o.id = p.order_id
WHERE p.id = %(payment_id)s::uuid AND o.user_id = %(user_id)s::uuid
"""
SETTLEMENT = """
SELECT p.status AS payment, o.id, o.number, o.status, o.payment_status
FROM payments p JOIN orders o ON o.id = p.order_id
WHERE p.id = %(payment_id)s::uuid
"""


class OwnPayment(NamedTuple):
    """What a payment was opened for."""

    id: UUID
    provider: str
    provider_order_id: str | None
    amount: Decimal
    currency: str


def own_payment(payment_id: UUID, user_id: UUID) -> OwnPayment | None:
    """A payment of this customer."""
    found = prepared.rows(OWN_PAYMENT, {"payment_id": payment_id, "user_id": user_id})
    return OwnPayment(**found[0]) if found else None


def settlement_view(payment_id: UUID) -> dict[str, Any]:
    """State of a payment and of its order, ready to be answered."""
    (order,) = prepared.rows(SETTLEMENT, {"payment_id": payment_id})
    return {"status": order.pop("payment"), "order": order}
