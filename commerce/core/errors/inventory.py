"""Errors of stock."""

from __future__ import annotations

from commerce.core.errors.entries import entry

ENTRIES = (
    entry(
        "insufficient_stock",
        409,
        "Not enough in stock",
        "The shop has fewer pieces than were asked for.",
        "Lower the quantity to what the context says is available, or remove the line.",
    ),
    entry(
        "stock_reserved",
        409,
        "Not so much stock is free",
        "The change would take away more than lies there unheld by buyers.",
        "Write off less, or wait until the holds have ended.",
    ),
    entry(
        "sku_not_found",
        404,
        "Unknown SKU",
        "No variant has this SKU.",
        "Check the SKU named in the context.",
    ),
    entry(
        "warehouse_not_found",
        404,
        "Unknown warehouse",
        "No warehouse has this code.",
        "Check the warehouse named in the context.",
    ),
    entry(
        "bad_quantity",
        422,
        "Quantity not possible",
        "A quantity is zero, negative or otherwise not possible here.",
        "Send a whole number above zero in each line.",
    ),
    entry(
        "bad_document_kind",
        422,
        "Unknown kind of document",
        "Stock arrives by a receipt or is counted anew by a correction.",
        "Send receipt or correction as the kind.",
    ),
    entry(
        "reference_reused",
        409,
        "Reference used before",
        "Another stock document with other lines carries this reference.",
        "Use a new reference, or repeat the first document exactly.",
    ),
)
