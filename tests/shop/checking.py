"""A validation's parameters, and carts with a coupon on them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from commerce.accounts.models import User
from commerce.cart.models import Cart
from commerce.coupons.models import Coupon, CouponUsage


def checking(user: User | None, **params: Any) -> dict[str, Any]:
    """The parameters of a validation with at most 5000 rupees in cash."""
    return {"p_user_id": user and user.id, "p_cod_max_total": Decimal("5000.00")} | params


def with_coupon(cart: Cart, coupon: Coupon, *, expires_in: int = 600) -> CouponUsage:
    """The cart with the coupon on it and a slot that lives for some seconds more."""
    assert cart.user_id is not None
    Cart.objects.filter(id=cart.id).update(coupon=coupon)
    return CouponUsage.objects.create(
        coupon=coupon,
        user_id=cart.user_id,
        cart=cart,
        expires_at=timezone.now() + timedelta(seconds=expires_in),
    )
