"""How many queries each mutation costs, its login and the reading back of its answer included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api.conftest import Api
from tests.api.test_payments_api import paid
from tests.shop.builder import Shop

Counted = Callable[[str, str, Any], Any]


class Counter:
    """Sends requests and keeps how many queries each took."""

    def __init__(self, client: Any, shop: Shop) -> None:
        self.client, self.shop = client, shop
        self.counts: dict[str, int] = {}

    def post(self, name: str, path: str, body: object) -> Any:
        """One POST under a fresh key, counted under `name`."""
        with CaptureQueriesContext(connection) as queries:
            answer = self.client.post(
                f"/api/v1/{path}", body, headers={"Idempotency-Key": self.shop.key()}
            )
        assert answer.status_code in {200, 201}, answer.json()
        self.counts[name] = len(queries)
        return answer.json()


@pytest.fixture
def counter(shop: Shop, api: Api) -> Counter:
    """A customer's counter."""
    return Counter(api(shop.user()), shop)


def test_a_purchase_costs_these_queries(shop: Shop, counter: Counter) -> None:
    shop.coupon("SAVE10")
    for variant in (shop.variant("500.00"), shop.variant("200.00")):
        counter.post("add", "cart/items", {"variant_id": str(variant.id), "quantity": 1})
    counter.post("coupon", "cart/coupon", {"code": "SAVE10"})
    user = counter.client.get("/api/v1/me").json()["id"]
    choice = {
        "address_id": str(shop.address(shop.customer(user)).id),
        "payment_method": "online",
    }
    counter.post("validate", "cart/validate", choice)
    quote = counter.post("checkout", "checkout", choice)["quote"]
    order = counter.post("place", "orders", choice | {"expected_total": quote["total"]})
    attempt = counter.post("pay", f"orders/{order['id']}/payments", {"provider": "sandbox"})
    counter.post("verify", f"payments/{attempt['id']}/verify", paid(attempt))
    counter.post("cancel", f"orders/{order['id']}/cancel", {"reason": "Changed my mind"})

    assert counter.counts == {
        "add": 5,
        "coupon": 3,
        "validate": 3,
        "checkout": 7,
        "place": 6,
        "pay": 5,
        "verify": 8,
        "cancel": 9,
    }


def test_cash_on_delivery_costs_these_queries(shop: Shop, counter: Counter) -> None:
    variant = shop.variant()
    counter.post("add", "cart/items", {"variant_id": str(variant.id), "quantity": 1})
    user = counter.client.get("/api/v1/me").json()["id"]
    choice = {"address_id": str(shop.address(shop.customer(user)).id), "payment_method": "cod"}
    quote = counter.post("checkout", "checkout", choice)["quote"]
    counter.post("place", "orders", choice | {"expected_total": quote["total"]})

    assert counter.counts["place"] == 8


def test_staff_work_costs_these_queries(shop: Shop, api: Api) -> None:
    order = shop.delivered({shop.variant(): 2})
    customer, desk = Counter(api(order.user), shop), Counter(api(shop.staff()), shop)
    items = [{"order_item_id": str(order.items.get().id), "quantity": 1}]
    back = customer.post("return", f"orders/{order.id}/return", {"items": items, "reason": "x"})
    for to in ("approved", "received"):
        desk.post(to, f"returns/{back['id']}/status", {"to": to})
    desk.post("refund", f"orders/{order.id}/refunds", {"reason": "Goodwill"})
    other = shop.paid({shop.variant(): 1})
    desk.post("pack", f"orders/{other.id}/status", {"to": "packed"})

    assert customer.counts == {"return": 6}
    assert desk.counts == {"approved": 6, "received": 10, "refund": 5, "pack": 5}
