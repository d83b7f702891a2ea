"""What the product page offers beside the product itself."""

from __future__ import annotations

from typing import Any

import pytest

from commerce.catalog.models import Brand, Category, Product
from commerce.catalog.related import RELATED
from commerce.inventory.models import Inventory
from tests.api.conftest import Api
from tests.shop.builder import Shop


def related(api: Api, slug: str) -> list[str]:
    """The slugs that the page of a product offers."""
    body = api().get(f"/api/v1/products/{slug}").json()
    return [one["slug"] for one in body["related"]]


@pytest.fixture
def dresses(shop: Shop) -> dict[str, Category]:
    """Two categories side by side, and one elsewhere."""
    girls = Category.objects.create(name="Girls", slug="girls", path="/girls/")
    made = {"girls": girls}
    for slug in ("party", "casual"):
        made[slug] = Category.objects.create(
            name=slug.title(), slug=slug, path=f"/girls/{slug}/", parent=girls
        )
    made["toys"] = Category.objects.create(name="Toys", slug="toys", path="/toys/")
    return made


def test_nearest_come_first_and_sold_out_last(
    shop: Shop, shelved: Api, dresses: dict[str, Category]
) -> None:
    other = Brand.objects.create(name="Red Kite", slug="red-kite")
    party, casual = dresses["party"], dresses["casual"]
    young = {"age_min_months": 24, "age_max_months": 48, "gender": "girl"}
    rows: list[tuple[str, dict[str, Any], int]] = [
        ("itself", {"category": party, **young}, 1),
        ("twin", {"category": party, **young, "popularity": 1}, 1),
        ("stranger", {"category": party, **young, "brand": other, "popularity": 9}, 1),
        ("older", {"category": party, "brand": other, "gender": "boy", "popularity": 99}, 1),
        ("beside", {"category": casual, **young, "popularity": 999}, 1),
        ("sold-out", {"category": party, **young, "popularity": 9999}, 0),
        ("elsewhere", {"category": dresses["toys"], **young, "popularity": 9999}, 1),
        ("draft", {"category": party, **young, "status": "draft"}, 1),
    ]
    for slug, fields, stock in rows:
        months = {"age_min_months": 60, "age_max_months": 72}
        shop.variant(product=shop.product(slug=slug, **(months | fields)), stock=stock)

    found = related(shelved, "itself")

    assert found == ["twin", "stranger", "older", "beside", "sold-out"]


def test_what_sold_out_a_moment_ago_goes_to_the_end(shop: Shop, shelved: Api) -> None:
    for n in range(3):
        shop.variant(product=shop.product(slug=f"p{n}", popularity=n))
    client = shelved()
    Inventory.objects.filter(variant__product__slug="p2").update(on_hand=0)

    body = client.get("/api/v1/products/p0").json()

    assert [(one["slug"], one["in_stock"]) for one in body["related"]] == [
        ("p1", True),
        ("p2", False),
    ]


def test_no_more_than_a_dozen_are_offered(shop: Shop, shelved: Api) -> None:
    for n in range(RELATED + 3):
        shop.variant(product=shop.product(slug=f"p{n}", popularity=n))

    found = related(shelved, "p0")

    assert found == [f"p{n}" for n in range(RELATED + 2, 2, -1)]


def test_product_that_leaves_the_shop_is_offered_no_more(shop: Shop, shelved: Api) -> None:
    for n in range(3):
        shop.variant(product=shop.product(slug=f"p{n}", popularity=n))
    shelved()

    Product.objects.filter(slug="p2").update(status="archived")

    assert related(shelved, "p0") == ["p1"]
