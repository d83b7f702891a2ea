"""Errors of the cart and of checkout."""

from __future__ import annotations

from commerce.core.errors.entries import entry

ENTRIES = (
    entry(
        "cart_not_found",
        404,
        "No cart",
        "There is no open cart for this buyer.",
        "Add a product to start a cart.",
    ),
    entry(
        "cart_item_not_found",
        404,
        "Not in the cart",
        "The cart has no such line.",
        "Reload the cart.",
    ),
    entry(
        "cart_gone",
        410,
        "Cart closed",
        "This guest cart was merged, ordered or abandoned.",
        "Start a new cart without the old X-Cart-Token.",
    ),
    entry(
        "cart_empty",
        409,
        "Cart empty",
        "The cart holds no products.",
        "Add a product first.",
    ),
    entry(
        "cart_full",
        422,
        "Cart full",
        "The cart holds as many different products as it can.",
        "Order these first, or remove a line.",
    ),
    entry(
        "line_limit_exceeded",
        422,
        "Too many of one product",
        "One order takes fewer pieces of a product than that.",
        "Lower the quantity to the maximum in the context.",
    ),
    entry(
        "version_conflict",
        409,
        "Changed meanwhile",
        "Somebody else changed this since it was read.",
        "Reload it and make the change again.",
    ),
    entry(
        "checkout_stale",
        409,
        "Checkout out of date",
        "The cart, its coupon, the address or the held stock changed since checkout began.",
        "Start checkout again.",
    ),
    entry(
        "address_not_found",
        404,
        "Address not found",
        "This address does not exist or belongs to somebody else.",
        "Choose one of your addresses.",
    ),
    entry(
        "cod_not_allowed",
        422,
        "No cash on delivery",
        "Cash on delivery is not offered for this address or account.",
        "Pay online.",
    ),
    entry(
        "cod_limit_exceeded",
        422,
        "Too much for cash on delivery",
        "The total is above what may be paid in cash on delivery.",
        "Pay online, or lower the total to the maximum in the context.",
    ),
    entry(
        "quote_changed",
        409,
        "The total changed",
        "The total is no longer the one that was agreed to.",
        "Show the new total and ask the buyer again.",
    ),
    entry(
        "key_reused",
        422,
        "Idempotency key used before",
        "This Idempotency-Key came before with another request.",
        "Use a new key for a new request.",
    ),
    entry(
        "items_unavailable",
        409,
        "Items no longer sold",
        "Some items in the cart are no longer sold.",
        "Remove the items listed in the context, then check out again.",
    ),
)
