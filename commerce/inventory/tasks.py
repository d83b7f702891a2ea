"""The job that gives back stock which carts no longer hold."""

from __future__ import annotations

import uuid

from django.utils import timezone

from commerce.core.jobs import Tally, job, sweep
from commerce.core.procedures import call
from commerce.inventory.models import HoldStatus, StockReservation


@job()
def expire_holds() -> Tally:
    """End the holds of carts whose time is over; those bound to an order live as long as it."""
    due = StockReservation.objects.filter(
        status=HoldStatus.ACTIVE, order=None, expires_at__lt=timezone.now()
    )
    return sweep("expire_holds", due, _expire, key="cart_id")


def _expire(cart_id: uuid.UUID) -> None:
    call("release_inventory", p_cart_id=cart_id, p_reason="expired", p_only_expired=True)
