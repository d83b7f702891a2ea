"""What a customer bought lately, to be bought again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from commerce.catalog.cards import cards_of
from commerce.orders.models import Order, OrderItem
from commerce.orders.states import OrderStatus

ORDERS = 20  # of the latest are looked at, however many there are
PRODUCTS = 12
NOT_BOUGHT = (OrderStatus.CREATED, OrderStatus.PENDING_PAYMENT, OrderStatus.CANCELLED)


def recently_bought(user_id: UUID) -> list[dict[str, Any]]:
    """The cards of at most twelve products of the customer's latest orders, newest first.

    What was ordered and never paid is not bought; what is no longer sold is left out.
    """
    orders = list(
        Order.objects.filter(user_id=user_id, is_deleted=False)
        .exclude(status__in=NOT_BOUGHT)
        .order_by("-created_at", "-id")
        .values_list("id", flat=True)[:ORDERS]
    )
    place = {key: number for number, key in enumerate(orders)}
    lines = OrderItem.objects.filter(order_id__in=orders, is_deleted=False)
    rows = sorted(
        lines.values_list("order_id", "id", "variant__product_id"),
        key=lambda row: (place[row[0]], row[1]),
    )
    products = list(dict.fromkeys(product for _, _, product in rows))
    return cards_of(products[: 2 * PRODUCTS])[:PRODUCTS]
