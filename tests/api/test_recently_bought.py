"""The customer's own part of the home screen: what was bought lately."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from commerce.catalog.models import Product
from tests.api.conftest import Api
from tests.shop.builder import Shop

PATH = "/api/v1/me/recently-bought"


def bought(api: Api, user: object) -> list[str]:
    """The slugs of what was bought."""
    return [one["slug"] for one in api(user).get(PATH).json()["results"]]


def test_latest_order_comes_first_and_a_product_once(shop: Shop, api: Api) -> None:
    user = shop.user()
    one, two, three = (
        shop.variant(product=shop.product(slug=slug)) for slug in ("one", "two", "three")
    )
    shop.paid({one: 1, two: 1}, user=user)
    shop.paid({two: 1}, user=user)
    shop.placed({three: 1}, user=user)  # and not paid
    shop.paid({three: 1})  # by somebody else

    body = api(user).get(PATH).json()

    assert [one["slug"] for one in body["results"]] == ["two", "one"]
    assert body["results"][0]["in_stock"] is True


def test_what_is_no_longer_sold_is_left_out(shop: Shop, api: Api) -> None:
    user = shop.user()
    for slug in ("kept", "gone"):
        shop.paid({shop.variant(product=shop.product(slug=slug)): 1}, user=user)

    Product.objects.filter(slug="gone").update(status="archived")

    assert bought(api, user) == ["kept"]


def test_cancelled_order_was_not_bought(shop: Shop, api: Api) -> None:
    user = shop.user()
    order = shop.paid({shop.variant(): 1}, user=user)
    assert len(bought(api, user)) == 1

    api(user).post(f"/api/v1/orders/{order.id}/cancel", {"reason": "x"})

    assert bought(api, user) == []


def test_strangers_are_refused(shop: Shop, api: Api) -> None:
    assert api().get(PATH).status_code == 401


@pytest.mark.parametrize("count", [1, 3])
def test_it_costs_the_same_for_any_number_of_orders(
    shop: Shop, api: Api, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user = shop.user()
    for _ in range(count):
        shop.paid({shop.variant(): 1, shop.variant(): 1}, user=user)
    client = api(user)

    with django_assert_num_queries(4):  # the login's among them
        answer = client.get(PATH)

    assert len(answer.json()["results"]) == 2 * count
