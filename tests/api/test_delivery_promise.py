"""What the product page promises of delivery to a pincode."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from commerce.shipping.models import ServiceablePincode, ShippingRule, WarehouseRegion
from tests.api.conftest import Api
from tests.shop.builder import Shop


def asked(api: Api, slug: str, pincode: str = "560001") -> dict[str, Any]:
    """The promise."""
    answer = api().get(f"/api/v1/products/{slug}/delivery", {"pincode": pincode})
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


@pytest.fixture
def fees(shop: Shop) -> None:
    """49 rupees below 499, then nothing; 30 for cash."""
    ShippingRule.objects.all().delete()
    for least, fee in (("0", "49.00"), ("499", "0.00")):
        ShippingRule.objects.create(
            name=f"From {least}",
            min_order_value=Decimal(least),
            shipping_fee=Decimal(fee),
            cod_fee=Decimal(30),
        )


def test_promise_tells_day_fee_and_cash_of_each_variant(
    shop: Shop, api: Api, fees: None, settings: Any
) -> None:
    settings.COD_MAX_TOTAL = Decimal(700)
    product = shop.product(slug="frock")
    cheap = shop.variant("399.00", product=product, position=1, stock=3)
    dear = shop.variant("699.00", product=product, position=2, stock=99)
    gone = shop.variant("599.00", product=product, position=3, stock=0)
    today = timezone.localdate()

    body = asked(api, "frock")

    assert body == {
        "pincode": "560001",
        "serviceable": True,
        "city": "Bengaluru",
        "state": "Karnataka",
        "earliest": str(today + timedelta(days=2)),
        "latest": str(today + timedelta(days=5)),
        "free_shipping_from": "499.00",
        "variants": [
            {
                "id": str(cheap.id),
                "available": 3,
                "shipping_fee": "49.00",
                "cod_allowed": True,
                "cod_fee": "30.00",
            },
            {
                "id": str(dear.id),
                "available": 10,
                "shipping_fee": "0.00",
                "cod_allowed": False,
                "cod_fee": None,
            },
            {
                "id": str(gone.id),
                "available": 0,
                "shipping_fee": None,
                "cod_allowed": False,
                "cod_fee": None,
            },
        ],
    }


def test_stock_elsewhere_does_not_come_here(shop: Shop, api: Api, fees: None) -> None:
    far = shop.warehouse("BOM", state="Maharashtra")
    WarehouseRegion.objects.filter(warehouse=far).delete()
    variant = shop.variant(stock=2)
    shop.stock(variant, 9, far)

    here = asked(api, variant.product.slug)
    WarehouseRegion.objects.create(warehouse=far, prefix="5600")
    reached = asked(api, variant.product.slug)

    assert here["variants"][0]["available"] == 2
    assert reached["variants"][0]["available"] == 9


@pytest.mark.parametrize("reason", ["unknown", "switched off", "no cash", "sold out"])
def test_what_cannot_come_is_told_without_an_error(
    shop: Shop, api: Api, fees: None, reason: str
) -> None:
    variant = shop.variant(stock=0 if reason == "sold out" else 5)
    place = ServiceablePincode.objects.filter(pincode="560001")
    if reason == "unknown":
        place.delete()
    elif reason == "switched off":
        place.update(is_serviceable=False)
    elif reason == "no cash":
        place.update(cod_allowed=False)

    body = asked(api, variant.product.slug)

    offer = body["variants"][0]
    comes = reason == "no cash"
    assert body["serviceable"] is (reason in {"no cash", "sold out"})
    assert (body["earliest"] is not None, offer["available"]) == (comes, 5 if comes else 0)
    assert (offer["cod_allowed"], offer["cod_fee"]) == (False, None)


def test_unknown_product_is_a_problem(shop: Shop, api: Api) -> None:
    answer = api().get("/api/v1/products/nowhere/delivery", {"pincode": "560001"})

    assert (answer.status_code, answer.json()["code"]) == (404, "product_not_found")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("", "/pincode"),
        ("pincode=056000", "/pincode"),
        ("pincode=56000", "/pincode"),
        ("pincode=%D9%A5%D9%A6%D9%A0%D9%A0%D9%A0%D9%A1", "/pincode"),
        ("pincode=%00", "/pincode"),
        ("pincode=560001&size=2", "/size"),
    ],
)
def test_bad_query_is_refused_by_name(shop: Shop, api: Api, query: str, pointer: str) -> None:
    slug = shop.variant().product.slug

    answer = api().get(f"/api/v1/products/{slug}/delivery?{query}")

    assert answer.status_code == 400
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize("count", [1, 5])
def test_promise_costs_the_same_for_any_number_of_variants(
    shop: Shop, api: Api, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    product = shop.product(slug="frock")
    for _ in range(count):
        shop.variant(product=product)

    with django_assert_num_queries(3):
        asked(api, "frock")
