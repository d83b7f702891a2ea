"""The parameters of one `add_to_cart`."""

from __future__ import annotations

from typing import Any

from commerce.catalog.models import Variant


def adding(variant: Variant, quantity: int = 1, **params: Any) -> dict[str, Any]:
    """The parameters of one add, with room for 10 units in a line and 3 lines in a cart."""
    values = {
        "p_variant_id": variant.id,
        "p_quantity": quantity,
        "p_line_max": 10,
        "p_lines_max": 3,
    }
    return values | params
