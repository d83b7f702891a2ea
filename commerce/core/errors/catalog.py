"""Errors of products and variants."""

from __future__ import annotations

from commerce.core.errors.entries import entry

ENTRIES = (
    entry(
        "product_not_found",
        404,
        "Product not found",
        "There is no such product on the shelves.",
        "Go back to the list and choose again.",
    ),
    entry(
        "variant_not_found",
        404,
        "Product not found",
        "This size or colour does not exist in the shop.",
        "Reload the product and choose again.",
    ),
    entry(
        "variant_unavailable",
        409,
        "No longer sold",
        "This product has been taken off the shelves.",
        "Remove it from the cart and choose something else.",
    ),
)
