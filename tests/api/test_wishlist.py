"""The wishlist."""

from __future__ import annotations

import uuid

import pytest

from commerce.catalog.models import Product
from commerce.wishlist.models import Wishlist
from tests.api.conftest import Api
from tests.shop.builder import Shop

LIST = "/api/v1/wishlist"


def test_product_is_put_aside_once(shop: Shop, api: Api) -> None:
    user = shop.user()
    product = shop.variant("250.00", mrp="500.00").product

    first = api(user).post(LIST, {"product_id": str(product.id)})
    second = api(user).post(LIST, {"product_id": str(product.id)})

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert first.json()["product_id"] == str(product.id)
    assert first.json()["product"]["price"] == "250.00"
    assert first.json()["product"]["in_stock"] is True
    assert Wishlist.objects.get().created_by == user


def test_wishlist_is_ones_own_newest_first_in_pages(shop: Shop, api: Api) -> None:
    user, other = shop.user(), shop.user()
    products = [shop.variant().product for _ in range(3)]
    for product in products:
        api(user).post(LIST, {"product_id": str(product.id)})
    api(other).post(LIST, {"product_id": str(products[0].id)})

    first = api(user).get(LIST, {"limit": 2}).json()
    rest = api(user).get(LIST, {"limit": 2, "cursor": first["next"]}).json()

    found = [one["product"]["slug"] for page in (first, rest) for one in page["results"]]
    assert found == [one.slug for one in reversed(products)]
    assert rest["next"] is None


def test_product_off_the_shelves_is_not_shown(shop: Shop, api: Api) -> None:
    user = shop.user()
    product = shop.variant().product
    api(user).post(LIST, {"product_id": str(product.id)})
    Product.objects.update(status="archived")

    assert api(user).get(LIST).json()["results"] == []


def test_removal_is_harmless_to_repeat_and_to_others(shop: Shop, api: Api) -> None:
    user, other = shop.user(), shop.user()
    product = shop.variant().product
    for one in (user, other):
        api(one).post(LIST, {"product_id": str(product.id)})

    answers = [api(user).delete(f"{LIST}/{product.id}").status_code for _ in range(2)]

    assert answers == [204, 204]
    assert [one.user for one in Wishlist.objects.all()] == [other]


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({}, 400, "/product_id"),
        ({"product_id": "x"}, 400, "/product_id"),
        ({"product_id": 0}, 400, "/product_id"),
        ({"product_id": "\x00"}, 400, "/product_id"),
        ({"product_id": str(uuid.uuid4()), "note": "x"}, 400, "/note"),
    ],
)
def test_bad_body_is_refused_by_name(
    shop: Shop, api: Api, body: dict[str, object], status: int, pointer: str
) -> None:
    answer = api(shop.user()).post(LIST, body)

    assert answer.status_code == status
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
    assert Wishlist.objects.count() == 0


def test_unknown_product_is_not_found(shop: Shop, api: Api) -> None:
    answer = api(shop.user()).post(LIST, {"product_id": str(uuid.uuid4())})

    assert answer.status_code == 404
    assert answer.json()["code"] == "product_not_found"
