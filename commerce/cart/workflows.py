"""Check out: validate the cart, secure its coupon, hold its stock.

Each step is harmless when repeated, and what an interrupted one leaves behind (a coupon slot,
holds) ends by its own lifetime; so nothing needs to be resumed.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings

from commerce.cart.holding import hold
from commerce.core.errors import ProblemError
from commerce.core.procedures import Result, call


class CheckedOut(NamedTuple):
    """Holds that live until `expires_at`, and what validation changed on the way."""

    cart_id: UUID
    expires_at: Any
    cart_version: int
    changes: list[dict[str, Any]]


def validate(
    identity: dict[str, Any], address_id: UUID | None = None, payment_method: str | None = None
) -> Result:
    """Validate a cart; answers `cart_id`, `cart_version`, `valid` and `changes`."""
    return call(
        "validate_cart_before_checkout",
        **identity,
        p_address_id=address_id,
        p_payment_method=payment_method,
        p_cod_max_total=settings.COD_MAX_TOTAL,
    )


def check_out(user_id: UUID, address_id: UUID, payment_method: str) -> CheckedOut:
    """Hold the stock of the customer's cart, or refuse with everything that stands in the way."""
    validated = validate({"p_user_id": user_id}, address_id, payment_method)
    if any(change["kind"] == "inactive" for change in validated.changes):
        raise ProblemError("items_unavailable", context={"changes": validated.changes})
    call(
        "validate_coupon_usage_limit",
        p_user_id=user_id,
        p_slot_seconds=settings.COUPON_SLOT_SECONDS,
    )
    held = hold(user_id)
    return CheckedOut(held.cart_id, held.expires_at, held.cart_version, validated.changes)
