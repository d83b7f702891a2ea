"""What people read of their own is found by index, however many others have bought."""

from __future__ import annotations

from typing import Any

from commerce.accounts.models import LoginSession
from commerce.orders.models import Order
from commerce.payments.models import Refund
from tests.api.conftest import Api
from tests.shop.builder import Shop
from tests.shop.crowd import ORDERS, TABLES, crowd
from tests.shop.plans import analysed, multiplied, noted, planned

BACK = frozenset({"returns", "return_items", "refunds"})


def sent_back_by_all(shop: Shop) -> None:
    """A return and a refund for each order of the crowd."""
    back = shop.sent_back(shop.delivered({shop.variant(): 1}), 1)
    orders = list(Order.objects.values_list("pk", flat=True))
    of_order: dict[str, Any] = {"order_id": lambda n: orders[n]}
    returns = multiplied(back, len(orders), number=lambda n: f"B{n}", **of_order)
    multiplied(back.items.get(), len(orders), return_request_id=lambda n: returns[n].pk)
    own: dict[str, Any] = {"return_request_id": lambda n: returns[n].pk}
    multiplied(Refund.objects.get(), len(orders), **of_order, **own)


def test_own_things_are_found_by_index_among_everybodys(shop: Shop, api: Api) -> None:
    user, client = crowd(shop), api(other := shop.user())
    sent_back_by_all(shop)
    multiplied(LoginSession.objects.get(user=other), ORDERS)
    client = api(user)
    analysed()
    order = Order.objects.filter(user=user).latest("id")
    hot = {
        "cart": {"carts_one_open", "cart_items_"},
        "orders": {"orders_of_user", "order_items_"},
        f"orders/{order.pk}": {
            *("orders_pkey", "order_items_", "order_events_history"),
            *("returns_order_id", "return_items_", "refunds_order_id"),
        },
        "auth/sessions": {"login_sessions"},
        "me/recently-bought": {"orders_of_user", "order_items_"},
    }

    for path, indexes in hot.items():
        with noted() as statements:
            answer = client.get(f"/api/v1/{path}")
        assert answer.status_code == 200, answer.content
        read = planned(statements)
        missed = {one for one in indexes if not any(used.startswith(one) for used in read.indexes)}
        assert (read.whole & {*TABLES, *BACK, "login_sessions"}, missed) == (set(), set()), path
