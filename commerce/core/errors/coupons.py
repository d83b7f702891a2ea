"""Errors of coupons."""

from __future__ import annotations

from commerce.core.errors.entries import entry

ENTRIES = (
    entry(
        "coupon_not_found",
        404,
        "Unknown coupon",
        "There is no coupon with this code.",
        "Check the spelling of the code.",
    ),
    entry(
        "coupon_not_active",
        422,
        "Coupon not active",
        "This coupon is paused or has ended.",
        "Use another coupon.",
    ),
    entry(
        "coupon_not_started",
        422,
        "Coupon not valid yet",
        "This coupon's time has not begun.",
        "Use it from the date in the context on.",
    ),
    entry(
        "coupon_expired",
        422,
        "Coupon expired",
        "This coupon's time is over.",
        "Use another coupon.",
    ),
    entry(
        "coupon_minimum",
        422,
        "Cart below the coupon's minimum",
        "The cart is worth less than this coupon asks for.",
        "Add products up to the minimum in the context.",
    ),
    entry(
        "coupon_not_applicable",
        422,
        "Coupon does not fit the cart",
        "No product in the cart takes part in this coupon.",
        "Add a product that takes part, or use another coupon.",
    ),
    entry(
        "coupon_first_order_only",
        422,
        "For the first order only",
        "This coupon is for customers who have not ordered yet.",
        "Use another coupon.",
    ),
    entry(
        "coupon_limit_reached",
        409,
        "Coupon used up",
        "This coupon has been used as often as it allows.",
        "Use another coupon.",
    ),
    entry(
        "coupon_user_limit_reached",
        409,
        "Coupon already used",
        "You have used this coupon as often as it allows.",
        "Use another coupon.",
    ),
    entry(
        "coupon_slot_lost",
        409,
        "Coupon no longer held",
        "The coupon's place in this checkout has expired.",
        "Start checkout again; the coupon is tried anew.",
    ),
)
