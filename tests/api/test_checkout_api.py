"""Checkout over the API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from commerce.accounts.models import User
from commerce.inventory.models import StockReservation
from tests.api.checking_out import check_out
from tests.api.conftest import Api
from tests.shop.builder import Shop


def test_checkout_holds_stock_and_quotes(shop: Shop, api: Api) -> None:
    user, variant = shop.user(), shop.variant("499.00", stock=5)
    shop.shipping_rule("0", "79.00", "49.00")
    shop.cart(user, {variant: 2})

    held = check_out(api(user), shop, user, "cod")["held"]

    assert held["quote"]["total"] == "1126.00"
    assert (held["quote"]["shipping"], held["quote"]["cod_fee"]) == ("79.00", "49.00")
    assert held["changes"] == []
    assert shop.inventory(variant) == (5, 2)


def test_checkout_names_every_shortfall(shop: Shop, api: Api) -> None:
    user, first, second = shop.user(), shop.variant(stock=5), shop.variant(stock=5)
    shop.cart(user, {first: 4, second: 3})
    shop.checked_out({first: 2, second: 3})
    body = {"address_id": str(shop.address(user).id), "payment_method": "online"}

    answer = api(user).post("/api/v1/checkout", body)

    assert (answer.status_code, answer.json()["code"]) == (409, "insufficient_stock")
    shortfalls = answer.json()["context"]["shortfalls"]
    assert sorted((one["sku"], one["requested"], one["available"]) for one in shortfalls) == sorted(
        [(first.sku, 4, 3), (second.sku, 3, 2)]
    )
    assert StockReservation.objects.filter(cart__user=user).count() == 0


def test_checkout_refuses_what_is_no_longer_sold(shop: Shop, api: Api) -> None:
    user, variant = shop.user(), shop.variant()
    shop.cart(user, {variant: 1})
    variant.status = "inactive"
    variant.save()
    body = {"address_id": str(shop.address(user).id), "payment_method": "online"}

    answer = api(user).post("/api/v1/checkout", body)

    assert (answer.status_code, answer.json()["code"]) == (409, "items_unavailable")
    assert answer.json()["context"]["changes"][0]["sku"] == variant.sku


def test_leaving_checkout_lets_the_stock_go(shop: Shop, api: Api) -> None:
    user, variant = shop.user(), shop.variant(stock=5)
    shop.cart(user, {variant: 2})
    check_out(api(user), shop, user)

    answer = api(user).delete("/api/v1/checkout")

    assert answer.status_code == 204
    assert shop.inventory(variant) == (5, 0)
    assert api(user).delete("/api/v1/checkout").status_code == 204


def test_a_repeated_checkout_answers_the_same_while_the_stock_is_held(shop: Shop, api: Api) -> None:
    user, variant = shop.user(), shop.variant(stock=5)
    shop.cart(user, {variant: 2})
    body = {"address_id": str(shop.address(user).id), "payment_method": "online"}
    headers = {"Idempotency-Key": shop.key()}

    first = api(user).post("/api/v1/checkout", body, headers=headers)
    second = api(user).post("/api/v1/checkout", body, headers=headers)
    api(user).delete("/api/v1/checkout")
    third = api(user).post("/api/v1/checkout", body, headers=headers)

    assert second.content == first.content
    assert third.json()["expires_at"] > first.json()["expires_at"]
    assert shop.inventory(variant) == (5, 2)


def repeated(shop: Shop, api: Api, user: User, meanwhile: Callable[[], object]) -> list[Any]:
    """The answers to a checkout and to its repetition under the same key."""
    body = {"address_id": str(shop.address(user).id), "payment_method": "online"}
    headers = {"Idempotency-Key": shop.key()}
    first = api(user).post("/api/v1/checkout", body, headers=headers)
    meanwhile()
    return [first.json(), api(user).post("/api/v1/checkout", body, headers=headers).json()]


def test_a_repeated_checkout_of_a_changed_cart_answers_anew(shop: Shop, api: Api) -> None:
    user, variant = shop.user(), shop.variant("100.00", stock=5)
    shop.cart(user, {variant: 1})

    first, second = repeated(shop, api, user, lambda: shop.add(variant, 1, user=user))

    assert (first["quote"]["total"], second["quote"]["total"]) == ("100.00", "200.00")
    assert shop.inventory(variant) == (5, 2)


def test_a_repeated_checkout_that_lost_a_line_holds_it_anew(shop: Shop, api: Api) -> None:
    user, kept, lost = shop.user(), shop.variant(stock=5), shop.variant(stock=5)
    shop.cart(user, {kept: 1, lost: 1})
    over = timezone.now() - timedelta(seconds=1)
    holds = StockReservation.objects.filter(variant=lost)

    repeated(shop, api, user, lambda: holds.update(expires_at=over, first_held_at=over))

    assert holds.get(status="active").expires_at > timezone.now()
    assert holds.get(status="expired").end_reason == "reclaimed"
