"""Reads the books of stock as a test states them."""

from __future__ import annotations

from commerce.catalog.models import Variant
from commerce.inventory.models import StockLedgerEntry


def movements(variant: Variant) -> list[tuple[str, int, int]]:
    """(kind, delta, on hand after) of the variant's ledger, the builder's own receipts left out."""
    return list(
        StockLedgerEntry.objects.filter(variant=variant)
        .exclude(kind="receipt", document=None)
        .order_by("seq")
        .values_list("kind", "delta", "on_hand_after")
    )
