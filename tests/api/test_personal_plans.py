"""What people read of their own is found by index, however many others have bought."""

from __future__ import annotations

from commerce.accounts.models import LoginSession
from commerce.orders.models import Order
from tests.api.conftest import Api
from tests.shop.builder import Shop
from tests.shop.crowd import ORDERS, TABLES, crowd
from tests.shop.plans import analysed, multiplied, noted, planned


def test_own_things_are_found_by_index_among_everybodys(shop: Shop, api: Api) -> None:
    user, client = crowd(shop), api(other := shop.user())
    multiplied(LoginSession.objects.get(user=other), ORDERS)
    client = api(user)
    analysed()
    order = Order.objects.filter(user=user).latest("id")
    hot = {
        "cart": {"carts_one_open", "cart_items_"},
        "orders": {"orders_of_user", "order_items_"},
        f"orders/{order.pk}": {"orders_pkey", "order_items_", "order_events_history"},
        "auth/sessions": {"login_sessions"},
        "me/recently-bought": {"orders_of_user", "order_items_"},
    }

    for path, indexes in hot.items():
        with noted() as statements:
            answer = client.get(f"/api/v1/{path}")
        assert answer.status_code == 200, answer.content
        read = planned(statements)
        missed = {one for one in indexes if not any(used.startswith(one) for used in read.indexes)}
        assert (read.whole & {*TABLES, "login_sessions"}, missed) == (set(), set()), path
