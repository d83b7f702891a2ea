"""Orders after they are placed: seen, cancelled, moved, returned, paid back."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission

from commerce.cart.models import CartItem
from commerce.core.models import OutboxMessage, SagaStep
from commerce.orders.models import Order, Return
from commerce.payments.models import Refund
from commerce.payments.tasks import submit_refunds
from tests.api.conftest import Api
from tests.shop.builder import Shop


def no_step_waits() -> bool:
    return not SagaStep.objects.filter(status="pending").exists()


def test_orders_are_listed_newest_first_by_pages(shop: Shop, api: Api) -> None:
    user, variant = shop.user(), shop.variant()
    orders = [shop.placed({variant: 1}, user=user) for _ in range(3)]
    shop.placed({variant: 1})

    first = api(user).get("/api/v1/orders?limit=2").json()
    second = api(user).get("/api/v1/orders", {"limit": 2, "cursor": first["next"]}).json()

    numbers = [order["number"] for order in first["results"] + second["results"]]
    assert numbers == [order.number for order in reversed(orders)]
    assert second["next"] is None


def test_somebody_elses_order_is_not_found(shop: Shop, api: Api) -> None:
    order, stranger = shop.placed({shop.variant(): 1}), shop.user()
    item = order.items.get()
    back = {"items": [{"order_item_id": str(item.id), "quantity": 1}], "reason": "x"}

    answers = [
        api(stranger).get(f"/api/v1/orders/{order.id}"),
        api(stranger).post(f"/api/v1/orders/{order.id}/cancel", {"reason": "x"}),
        api(stranger).post(f"/api/v1/orders/{order.id}/return", back),
    ]

    assert [(a.status_code, a.json()["code"]) for a in answers] == [(404, "order_not_found")] * 3
    order.refresh_from_db()
    assert order.status == "pending_payment"


def test_cancelling_an_unpaid_order_gives_everything_back(shop: Shop, api: Api) -> None:
    user, variant = shop.user(), shop.variant("500.00", stock=5)
    shop.coupon("SAVE10", total_limit=1)
    order = shop.placed({variant: 2}, user=user, coupon="SAVE10")

    answer = api(user).post(f"/api/v1/orders/{order.id}/cancel", {"reason": "Changed my mind"})

    assert answer.status_code == 200
    body = answer.json()
    assert (body["status"], body["cancel_reason"]) == ("cancelled", "Changed my mind")
    assert shop.inventory(variant) == (5, 0)
    assert CartItem.objects.get(cart__user=user, cart__status="open").quantity == 2
    assert order.coupon_usages.get().status == "rolled_back"
    assert no_step_waits()


def test_cancelling_a_paid_order_gives_the_money_back(shop: Shop, api: Api) -> None:
    user, variant = shop.user(), shop.variant("500.00", stock=5)
    shop.coupon("SAVE10", total_limit=1)
    order = shop.paid({variant: 2}, user=user, coupon="SAVE10")

    api(user).post(f"/api/v1/orders/{order.id}/cancel", {"reason": "Changed my mind"})
    submit_refunds()

    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("cancelled", "refunded")
    refund = Refund.objects.get()
    assert (refund.amount, refund.status) == (shop.rupees("900.00"), "succeeded")
    assert shop.inventory(variant) == (5, 0)
    assert order.coupon_usages.get().status == "rolled_back"
    assert no_step_waits()
    shop.audit()


def test_cancelling_twice_under_one_key_answers_the_same(shop: Shop, api: Api) -> None:
    order = shop.placed({shop.variant(): 1})
    headers = {"Idempotency-Key": shop.key()}
    path = f"/api/v1/orders/{order.id}/cancel"

    first = api(order.user).post(path, {"reason": "x"}, headers=headers)
    second = api(order.user).post(path, {"reason": "x"}, headers=headers)
    other = api(order.user).post(path, {"reason": "y"}, headers=headers)

    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


def test_a_shipped_order_cannot_be_cancelled(shop: Shop, api: Api) -> None:
    order = shop.paid({shop.variant(): 1})
    shop.move(order, "packed")
    shop.move(order, "shipped")

    answer = api(order.user).post(f"/api/v1/orders/{order.id}/cancel", {"reason": "x"})

    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")


def test_the_order_desk_delivers(shop: Shop, api: Api) -> None:
    order, desk = shop.paid({shop.variant(): 1}), shop.staff()
    path = f"/api/v1/orders/{order.id}/status"

    bare = [api(desk).post(path, {"to": "packed"}), api(desk).post(path, {"to": "shipped"})]
    body = (
        api(desk)
        .post(path, {"to": "shipped", "carrier": "Delhivery", "tracking_number": "DL1"})
        .json()
    )

    assert (bare[1].status_code, bare[1].json()["code"]) == (422, "tracking_required")
    assert (body["status"], body["carrier"], body["tracking_number"]) == (
        "shipped",
        "Delhivery",
        "DL1",
    )
    assert OutboxMessage.objects.filter(topic="order.shipped").count() == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("orders/{order}/status", {"to": "packed"}),
        ("orders/{order}/refunds", {"reason": "x"}),
        ("returns/{order}/status", {"to": "approved"}),
        (
            "inventory/receipts",
            {"reference": "R", "lines": [{"sku": "S", "warehouse": "BLR", "quantity": 1}]},
        ),
        (
            "inventory/write-offs",
            {
                "reference": "R",
                "reason": "lost",
                "lines": [{"sku": "S", "warehouse": "BLR", "quantity": 1}],
            },
        ),
    ],
)
def test_only_staff_with_the_permission_may(
    shop: Shop, api: Api, path: str, body: dict[str, object]
) -> None:
    order = shop.paid({shop.variant(): 1})
    path = f"/api/v1/{path.format(order=order.id)}"
    headers = {"Idempotency-Key": shop.key()}
    clerk = shop.user(is_staff=True)

    answers = [
        client.post(path, body, headers=headers) for client in (api(), api(order.user), api(clerk))
    ]

    assert [answer.status_code for answer in answers] == [401, 403, 403]
    assert [answer.json()["code"] for answer in answers[1:]] == ["permission_denied"] * 2


def test_a_permission_opens_one_door(shop: Shop, api: Api) -> None:
    order, clerk = shop.paid({shop.variant(): 1}), shop.user(is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="change_order"))

    answer = api(clerk).post(f"/api/v1/orders/{order.id}/status", {"to": "packed"})

    assert answer.status_code == 200


def requested_return(shop: Shop, api: Api, order: Order, quantity: int) -> dict[str, Any]:
    item = order.items.get()
    answer = api(order.user).post(
        f"/api/v1/orders/{order.id}/return",
        {
            "items": [{"order_item_id": str(item.id), "quantity": quantity}],
            "reason": "Too small",
        },
        headers={"Idempotency-Key": shop.key()},
    )
    assert answer.status_code == 201, answer.json()
    body: dict[str, Any] = answer.json()
    return body


def test_a_return_restocks_and_pays_back(shop: Shop, api: Api) -> None:
    variant, desk = shop.variant("500.00", stock=5), shop.staff()
    order = shop.delivered({variant: 2})
    back = requested_return(shop, api, order, 2)
    path = f"/api/v1/returns/{back['id']}/status"

    api(desk).post(path, {"to": "approved"})
    received = api(desk).post(path, {"to": "received"}).json()
    submit_refunds()

    assert received["status"] == "closed"
    assert [item["condition"] for item in received["items"]] == ["restock"]
    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("returned", "refunded")
    assert Refund.objects.get().amount == shop.rupees("1000.00")
    assert shop.inventory(variant) == (5, 0)
    assert no_step_waits()
    shop.audit()


def test_damaged_units_are_paid_back_but_not_restocked(shop: Shop, api: Api) -> None:
    variant, desk = shop.variant("500.00", stock=5), shop.staff()
    order = shop.delivered({variant: 2})
    back = requested_return(shop, api, order, 1)
    path = f"/api/v1/returns/{back['id']}/status"
    items = [{"order_item_id": str(order.items.get().id), "condition": "damaged"}]

    api(desk).post(path, {"to": "approved"})
    api(desk).post(path, {"to": "received", "items": items})
    submit_refunds()

    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("delivered", "partially_refunded")
    assert shop.inventory(variant) == (3, 0)
    assert Return.objects.get().status == "closed"
    shop.audit()


def test_a_cash_order_that_is_refused_comes_back(shop: Shop, api: Api) -> None:
    variant, desk = shop.variant(stock=5), shop.staff()
    order = shop.placed({variant: 1}, method="cod")
    shop.move(order, "packed")
    shop.move(order, "shipped")

    body = api(desk).post(f"/api/v1/orders/{order.id}/status", {"to": "returned_to_origin"}).json()

    assert (body["status"], body["payment_status"]) == ("returned_to_origin", "unpaid")
    assert shop.inventory(variant) == (5, 0)
    assert Refund.objects.count() == 0
    assert no_step_waits()
    shop.audit()
