"""Errors of products and variants."""

from __future__ import annotations

from commerce.core.errors.entries import entry, hindi

ENTRIES = (
    entry(
        "product_not_found",
        404,
        "Product not found",
        "There is no such product on the shelves.",
        "Go back to the list and choose again.",
        hindi(
            "सामान नहीं मिला",
            "दुकान में ऐसा कोई सामान नहीं है।",
            "सूची पर लौटें और दोबारा चुनें।",
        ),
    ),
    entry(
        "variant_not_found",
        404,
        "Product not found",
        "This size or colour does not exist in the shop.",
        "Reload the product and choose again.",
        hindi(
            "सामान नहीं मिला",
            "यह साइज़ या रंग दुकान में नहीं है।",
            "सामान का पेज दोबारा लोड करें और फिर से चुनें।",
        ),
    ),
    entry(
        "variant_unavailable",
        409,
        "No longer sold",
        "This product has been taken off the shelves.",
        "Remove it from the cart and choose something else.",
        hindi(
            "अब नहीं बिकता",
            "यह सामान अब बिक्री में नहीं है।",
            "इसे कार्ट से हटाएँ और कुछ और चुनें।",
        ),
    ),
)
