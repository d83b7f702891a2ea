"""What a cart costs at this moment, as the shop would quote it."""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.db import connection


def quoted_total(cart_id: uuid.UUID) -> Decimal:
    """The total that a buyer of this cart agrees to."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT total FROM quotes WHERE kind = 'cart' AND owner_id = %s", [cart_id])
        total: Decimal = cursor.fetchone()[0]
        return total
