"""Placing an order over the API."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from rest_framework.test import APIClient

from commerce.cart.models import Cart
from commerce.core.models import IdempotencyKey, SagaStep
from commerce.orders.models import Order, OrderEvent
from tests.api.checking_out import check_out
from tests.api.conftest import Api
from tests.shop.builder import Shop


def test_an_order_is_placed_and_awaits_payment(shop: Shop, api: Api) -> None:
    user, variant = shop.user(), shop.variant("499.00", mrp="599.00")
    shop.cart(user, {variant: 2})
    placing = check_out(api(user), shop, user)["placing"]

    answer = api(user).post("/api/v1/orders", placing, headers={"Idempotency-Key": shop.key()})

    assert answer.status_code == 201
    body = answer.json()
    assert (body["status"], body["payment_status"]) == ("pending_payment", "unpaid")
    assert body["totals"]["total"] == "998.00"
    assert body["address"]["line1"] == "12 Residency Road"
    assert [entry["status"] for entry in body["timeline"]] == ["created", "pending_payment"]
    item = body["items"][0]
    assert (item["cgst"], item["sgst"], item["igst"]) == ("23.76", "23.76", "0.00")
    assert item["taxable_value"] == "950.48"
    assert api(user).get(f"/api/v1/orders/{body['id']}").json() == body
    assert Cart.objects.get(user=user).status == "ordered"
    assert not SagaStep.objects.filter(status="pending").exists()


def test_cash_on_delivery_is_confirmed_at_once(shop: Shop, api: Api) -> None:
    user, variant = shop.user(), shop.variant("499.00", stock=5)
    shop.cart(user, {variant: 2})
    placing = check_out(api(user), shop, user, "cod")["placing"]

    body = api(user).post("/api/v1/orders", placing, headers={"Idempotency-Key": shop.key()}).json()

    assert (body["status"], body["payment_status"]) == ("confirmed", "cod_due")
    assert shop.inventory(variant) == (3, 0)
    assert not SagaStep.objects.filter(status="pending").exists()


def test_a_changed_total_is_refused_with_the_difference(shop: Shop, api: Api) -> None:
    user, variant = shop.user(), shop.variant("499.00", mrp="599.00")
    shop.cart(user, {variant: 1})
    placing = check_out(api(user), shop, user)["placing"]
    variant.price = shop.rupees("549.00")
    variant.save()

    answer = api(user).post("/api/v1/orders", placing, headers={"Idempotency-Key": shop.key()})

    assert (answer.status_code, answer.json()["code"]) == (409, "quote_changed")
    assert answer.json()["context"] == {
        "expected": "499.00",
        "actual": "549.00",
        "difference": "50.00",
    }
    assert Order.objects.count() == 0
    assert IdempotencyKey.objects.count() == 0


def test_a_cart_changed_after_checkout_makes_it_stale(shop: Shop, api: Api) -> None:
    user, variant = shop.user(), shop.variant("499.00")
    shop.cart(user, {variant: 1})
    placing = check_out(api(user), shop, user)["placing"]
    shop.add(variant, 1, user=user)

    answer = api(user).post("/api/v1/orders", placing, headers={"Idempotency-Key": shop.key()})

    assert (answer.status_code, answer.json()["code"]) == (409, "checkout_stale")


def test_a_repetition_answers_the_same_bytes(shop: Shop, api: Api) -> None:
    user = shop.user()
    shop.cart(user, {shop.variant(): 1})
    placing = check_out(api(user), shop, user)["placing"]
    headers = {"Idempotency-Key": shop.key()}

    first = api(user).post("/api/v1/orders", placing, headers=headers)
    second = api(user).post("/api/v1/orders", placing, headers=headers)

    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert second["Idempotent-Replayed"] == "true"
    assert Order.objects.count() == 1


def test_twenty_at_once_under_one_key_make_one_order(shop: Shop, api: Api) -> None:
    user, variant = shop.user(), shop.variant(stock=5)
    shop.cart(user, {variant: 1})
    placing = check_out(api(user), shop, user)["placing"]
    headers = {"Idempotency-Key": shop.key()}

    def send(client: APIClient) -> tuple[int, bytes]:
        try:
            answer = client.post("/api/v1/orders", placing, headers=headers)
            return answer.status_code, answer.content
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(send, [api(user) for _ in range(20)]))

    assert len(answers) == 1
    assert next(iter(answers))[0] == 201
    assert Order.objects.count() == 1
    assert shop.inventory(variant) == (5, 1)


def test_a_lost_answer_is_rendered_again(shop: Shop, api: Api) -> None:
    user = shop.user()
    shop.cart(user, {shop.variant(): 1})
    placing = check_out(api(user), shop, user)["placing"]
    headers = {"Idempotency-Key": shop.key()}
    first = api(user).post("/api/v1/orders", placing, headers=headers)
    IdempotencyKey.objects.update(body=None, status=None)

    second = api(user).post("/api/v1/orders", placing, headers=headers)

    assert second.json() == first.json()
    assert OrderEvent.objects.count() == 2


def test_a_key_is_needed(shop: Shop, api: Api) -> None:
    user = shop.user()
    shop.cart(user, {shop.variant(): 1})
    placing = check_out(api(user), shop, user)["placing"]

    answer = api(user).post("/api/v1/orders", placing)

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")
    assert answer.json()["context"] == {"header": "Idempotency-Key"}


def test_somebody_elses_address_is_not_found(shop: Shop, api: Api) -> None:
    user, other = shop.user(), shop.user()
    shop.cart(user, {shop.variant(): 1})
    body = {"address_id": str(shop.address(other).id), "payment_method": "online"}

    answer = api(user).post("/api/v1/checkout", body)

    assert (answer.status_code, answer.json()["code"]) == (404, "address_not_found")


@pytest.mark.parametrize("path", ["checkout", "orders"])
def test_nobody_checks_out_without_a_login(shop: Shop, api: Api, path: str) -> None:
    answer = api().post(f"/api/v1/{path}", {}, headers={"Idempotency-Key": shop.key()})

    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"expected_total": "-1.00"}, "/expected_total"),
        ({"expected_total": "1.001"}, "/expected_total"),
        ({"expected_total": "99999999999.00"}, "/expected_total"),
        ({"expected_total": "NaN"}, "/expected_total"),
        ({"payment_method": "barter"}, "/payment_method"),
        ({"address_id": "nonsense"}, "/address_id"),
        ({"gift": True}, "/gift"),
    ],
)
def test_a_bad_placing_names_its_field(
    shop: Shop, api: Api, change: dict[str, object], pointer: str
) -> None:
    body = {
        "address_id": str(uuid.uuid4()),
        "payment_method": "online",
        "expected_total": "499.00",
    }

    answer = api(shop.user()).post(
        "/api/v1/orders", body | change, headers={"Idempotency-Key": shop.key()}
    )

    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
