"""The cart over the API."""

from __future__ import annotations

import time
import uuid

import pytest

from commerce.cart.models import Cart, CartItem
from commerce.core.models import IdempotencyKey
from tests.api.conftest import Api
from tests.shop.builder import Shop


def test_a_guest_gets_a_cart_and_its_token(shop: Shop, api: Api) -> None:
    variant = shop.variant("499.00", mrp="599.00")

    answer = api().post("/api/v1/cart/items", {"variant_id": str(variant.id), "quantity": 2})

    assert answer.status_code == 201
    body = answer.json()
    assert body["items"][0] | {"id": "", "image": None} == {
        "id": "",
        "variant_id": str(variant.id),
        "product_slug": variant.product.slug,
        "name": variant.product.name,
        "sku": variant.sku,
        "size": variant.size,
        "colour": "Red",
        "image": None,
        "quantity": 2,
        "unit_price": "499.00",
        "unit_mrp": "599.00",
        "line_total": "998.00",
        "available": 10,
        "notices": [],
    }
    assert body["totals"] == {
        "subtotal": "1198.00",
        "discount": "200.00",
        "coupon_discount": "0.00",
        "shipping": "0.00",
        "cod_fee": "0.00",
        "tax_included": "47.52",
        "total": "998.00",
        "currency": "INR",
    }
    again = api().get("/api/v1/cart", headers={"X-Cart-Token": answer["X-Cart-Token"]})
    assert again.json() == body


def test_a_first_add_that_is_repeated_finds_the_same_cart(shop: Shop, api: Api) -> None:
    body = {"variant_id": str(shop.variant().id), "quantity": 1}
    key = shop.key()

    first = api().post("/api/v1/cart/items", body, headers={"Idempotency-Key": key})
    second = api().post("/api/v1/cart/items", body, headers={"Idempotency-Key": key})

    assert second["X-Cart-Token"] == first["X-Cart-Token"]
    assert second.content == first.content
    assert second["Idempotent-Replayed"] == "true"
    assert Cart.objects.count() == 1
    assert CartItem.objects.get().quantity == 1


def test_a_key_with_another_body_is_refused(shop: Shop, api: Api) -> None:
    user, variant = shop.user(), shop.variant()
    headers = {"Idempotency-Key": shop.key()}
    api(user).post(
        "/api/v1/cart/items", {"variant_id": str(variant.id), "quantity": 1}, headers=headers
    )

    answer = api(user).post(
        "/api/v1/cart/items", {"variant_id": str(variant.id), "quantity": 2}, headers=headers
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")
    assert CartItem.objects.get().quantity == 1


def test_a_first_add_with_another_body_is_refused(shop: Shop, api: Api) -> None:
    variant, headers = shop.variant(), {"Idempotency-Key": shop.key()}
    body = {"variant_id": str(variant.id), "quantity": 1}
    api().post("/api/v1/cart/items", body, headers=headers)

    answer = api().post("/api/v1/cart/items", body | {"quantity": 2}, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")
    assert Cart.objects.count() == 1


def test_a_key_that_could_be_guessed_opens_no_cart_of_others(shop: Shop, api: Api) -> None:
    body, headers = {"variant_id": str(shop.variant().id), "quantity": 1}, {"Idempotency-Key": "1"}

    first = api().post("/api/v1/cart/items", body, headers=headers)
    second = api().post("/api/v1/cart/items", body, headers=headers)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first["X-Cart-Token"] != second["X-Cart-Token"]


def test_a_key_leads_to_its_cart_for_an_hour_or_two(
    shop: Shop, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    body, headers = (
        {"variant_id": str(shop.variant().id), "quantity": 1},
        {"Idempotency-Key": shop.key()},
    )
    now, tokens = time.time(), []
    for hours in (0, 1, 3):
        monkeypatch.setattr("commerce.cart.identity.time.time", lambda at=hours: now + at * 3600)
        tokens.append(api().post("/api/v1/cart/items", body, headers=headers)["X-Cart-Token"])

    assert tokens[1] == tokens[0]
    assert tokens[2] != tokens[0]


def test_an_unknown_token_shows_an_empty_cart(shop: Shop, api: Api) -> None:
    answer = api().get("/api/v1/cart", headers={"X-Cart-Token": "x" * 43})

    assert answer.json() | {"totals": {}} == {
        "id": None,
        "version": 0,
        "items": [],
        "coupon": None,
        "totals": {},
        "warnings": [],
    }


def test_a_changed_price_and_a_shortage_are_notices(shop: Shop, api: Api) -> None:
    user, variant = shop.user(), shop.variant("100.00", mrp="200.00", stock=5)
    shop.cart(user, {variant: 5})
    variant.price = shop.rupees("120.00")
    variant.save()
    shop.checked_out({variant: 3})

    line = api(user).get("/api/v1/cart").json()["items"][0]

    assert line["unit_price"] == "120.00"
    assert line["notices"] == [
        {"code": "insufficient_stock", "available": 2},
        {"code": "price_changed", "was": "100.00", "now": "120.00"},
    ]


def test_a_line_is_changed_and_removed(shop: Shop, api: Api) -> None:
    user, variant = shop.user(), shop.variant("100.00")
    shop.cart(user, {variant: 1})
    item = CartItem.objects.get()

    more = api(user).patch(f"/api/v1/cart/items/{item.id}", {"quantity": 3})
    none = api(user).delete(f"/api/v1/cart/items/{item.id}")

    assert more.json()["totals"]["total"] == "300.00"
    assert none.json()["items"] == []


def test_somebody_elses_line_is_not_found(shop: Shop, api: Api) -> None:
    shop.cart(shop.user(), {shop.variant(): 1})
    item = CartItem.objects.get()
    stranger = shop.user()
    shop.cart(stranger, {shop.variant(): 1})

    answer = api(stranger).patch(f"/api/v1/cart/items/{item.id}", {"quantity": 3})
    nobody = api().delete(f"/api/v1/cart/items/{item.id}")

    assert (answer.status_code, answer.json()["code"]) == (404, "cart_item_not_found")
    assert nobody.status_code == 404
    item.refresh_from_db()
    assert item.quantity == 1


def test_a_coupon_is_applied_and_removed(shop: Shop, api: Api) -> None:
    user = shop.user()
    shop.cart(user, {shop.variant("500.00"): 2})
    shop.coupon("SAVE10")

    applied = api(user).post("/api/v1/cart/coupon", {"code": " save10 "})
    removed = api(user).delete("/api/v1/cart/coupon")

    assert applied.json()["coupon"] == {
        "code": "SAVE10",
        "title": "SAVE10",
        "kind": "percentage",
        "applied": True,
        "discount": "100.00",
    }
    assert applied.json()["totals"]["total"] == "900.00"
    assert removed.json()["coupon"] is None


def test_a_coupon_needs_a_login(shop: Shop, api: Api) -> None:
    answer = api().post("/api/v1/cart/coupon", {"code": "SAVE10"})

    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_a_coupon_below_its_minimum_is_a_warning(shop: Shop, api: Api) -> None:
    user, dear, cheap = shop.user(), shop.variant("900.00"), shop.variant("100.00")
    shop.cart(user, {dear: 1, cheap: 1})
    shop.coupon("SAVE10", min_subtotal=shop.rupees("500.00"))
    shop.apply(user, "SAVE10")
    item = CartItem.objects.get(variant=dear)

    body = api(user).delete(f"/api/v1/cart/items/{item.id}").json()

    assert body["warnings"] == [{"code": "coupon_not_applied", "minimum": "500.00"}]
    assert (body["coupon"]["applied"], body["totals"]["total"]) == (False, "100.00")


def test_validation_tells_what_changed(shop: Shop, api: Api) -> None:
    user, variant = shop.user(), shop.variant("100.00", mrp="200.00")
    shop.cart(user, {variant: 1})
    variant.price = shop.rupees("90.00")
    variant.save()

    body = api(user).post("/api/v1/cart/validate", {}).json()

    assert body["valid"] is True
    assert [(change["kind"], change["was"], change["now"]) for change in body["changes"]] == [
        ("price", "100.00", "90.00")
    ]
    assert body["items"][0]["notices"] == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"quantity": 1}, "/variant_id"),
        ({"variant_id": "nonsense", "quantity": 1}, "/variant_id"),
        ({"variant_id": str(uuid.uuid4()), "quantity": 0}, "/quantity"),
        ({"variant_id": str(uuid.uuid4()), "quantity": -1}, "/quantity"),
        ({"variant_id": str(uuid.uuid4()), "quantity": 10**12}, "/quantity"),
        ({"variant_id": str(uuid.uuid4()), "quantity": "2"}, "/quantity"),
        ({"variant_id": str(uuid.uuid4()), "quantity": 1.5}, "/quantity"),
        ({"variant_id": str(uuid.uuid4()), "quantity": True}, "/quantity"),
        ({"variant_id": str(uuid.uuid4()), "quantity": 1, "price": "1.00"}, "/price"),
        ({"variant_id": "\u0000", "quantity": 1}, "/variant_id"),
    ],
)
def test_a_bad_add_names_its_field(shop: Shop, api: Api, body: object, pointer: str) -> None:
    answer = api(shop.user()).post(
        "/api/v1/cart/items", body, headers={"Idempotency-Key": shop.key()}
    )

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert Cart.objects.count() == 0
    assert IdempotencyKey.objects.count() == 0


@pytest.mark.parametrize("key", ["", "x" * 201, "a b", "ключ"])
def test_a_malformed_key_is_refused(shop: Shop, api: Api, key: str) -> None:
    answer = api(shop.user()).post(
        "/api/v1/cart/items",
        {"variant_id": str(shop.variant().id), "quantity": 1},
        headers={"Idempotency-Key": key},
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")
