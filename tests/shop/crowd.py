"""A shop in which many people have bought before: one real order, many times over."""

from __future__ import annotations

from typing import Any

from commerce.accounts.models import User
from commerce.cart.models import CartItem
from commerce.core.models import OutboxMessage, SagaStep
from commerce.inventory.models import StockReservation
from commerce.orders.models import OrderEvent, OrderItem
from commerce.payments.models import Payment
from tests.shop.builder import Shop
from tests.shop.plans import analysed, multiplied

ORDERS = 2_000
OF_ONE = 10  # of so many orders one is the customer's
TABLES = frozenset(
    {
        *("orders", "order_items", "order_events", "carts", "cart_items", "payments"),
        *("stock_reservations", "saga_log", "outbox"),
    }
)


def crowd(shop: Shop) -> User:
    """A customer with 200 orders and an open cart among 2,000 orders."""
    user, other = shop.user(), shop.user()
    order = shop.placed({shop.variant(stock=50): 1}, user=other, method="cod")
    SagaStep.objects.update(status="done")
    OutboxMessage.objects.update(status="delivered")
    owners = [user if n % OF_ONE == 0 else other for n in range(ORDERS)]

    def copies(row: Any, **fresh: Any) -> list[Any]:
        return multiplied(row, ORDERS, **fresh)

    carts = copies(order.cart, user_id=lambda n: owners[n].pk)
    copies(CartItem.objects.get(), cart_id=lambda n: carts[n].pk)
    orders = copies(
        order,
        user_id=lambda n: owners[n].pk,
        cart_id=lambda n: carts[n].pk,
        number=lambda n: f"C{n}",
    )
    bought: dict[str, Any] = {"order_id": lambda n: orders[n].pk}
    items = copies(OrderItem.objects.get(), **bought)
    for event in OrderEvent.objects.all():
        copies(event, **bought)
    copies(Payment.objects.get(), **bought)
    copies(
        StockReservation.objects.get(),
        **bought,
        cart_id=lambda n: carts[n].pk,
        order_item_id=lambda n: items[n].pk,
    )
    copies(SagaStep.objects.all()[0], saga_id=lambda n: orders[n].pk)
    copies(OutboxMessage.objects.all()[0], seq=lambda n: 1_000_000 + n)
    shop.cart(user, {shop.variant(): 1, shop.variant(): 2})
    analysed()
    return user
