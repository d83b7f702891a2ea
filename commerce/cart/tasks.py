"""The job that clears away carts nobody came back to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from commerce.cart.models import Cart, CartItem, CartStatus
from commerce.core.jobs import Tally, job, purge


@job()
def purge_idle_carts() -> Tally:
    """Delete guests' carts after `CART_ABANDON_DAYS`, unless anything was ever bought or held."""
    idle = Cart.objects.filter(
        ~Exists(Cart.objects.filter(merged_into=OuterRef("pk"))),
        user=None,
        status__in=[CartStatus.OPEN, CartStatus.MERGED, CartStatus.ABANDONED],
        last_active_at__lt=timezone.now() - timedelta(days=settings.CART_ABANDON_DAYS),
        holds=None,
        coupon_usages=None,
        order=None,
    )
    return purge("purge idle carts", idle, _delete_with_lines)


def _delete_with_lines(carts: QuerySet[Any]) -> None:
    CartItem.objects.filter(cart__in=carts).delete()
    carts.delete()
