"""How many queries each endpoint makes: as many for one row as for many, and never above 12."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import URLResolver, get_resolver, resolve
from pytest_django import DjangoAssertNumQueries

from commerce.accounts import tokens
from commerce.catalog.models import HomeSection, ProductImage
from commerce.core.ids import uuid7
from tests.api.conftest import Api
from tests.shop.builder import Shop

MOST = 12
HOUSE = {
    "name": "Asha Rao",
    "phone": "+919812345678",
    "line1": "12 Residency Road",
    "city": "Bengaluru",
    "state": "Karnataka",
    "pincode": "560001",
}
# With a login, one query reads the user; a transaction adds its BEGIN and COMMIT.
TABLE: list[tuple[str, str, dict[str, Any] | None, int]] = [
    ("get", "home", None, 5),
    ("get", "categories", None, 1),
    ("get", "products", None, 5),
    ("get", "products?category=clothing&size=A&in_stock=true&sort=price", None, 5),
    ("get", "products/{slug}", None, 6),
    ("get", "products/{slug}/delivery?pincode=560001", None, 3),
    ("get", "search?q=product", None, 7),
    ("get", "search/suggest?q=p", None, 2),
    ("get", "serviceability/560001", None, 1),
    ("get", "me", None, 1),
    ("patch", "me", {"name": "Asha"}, 5),
    ("get", "addresses", None, 2),
    ("post", "addresses", HOUSE, 5),
    ("get", "addresses/{address}", None, 2),
    ("patch", "addresses/{address}", {"city": "Mysuru"}, 6),
    ("delete", "addresses/{address}", None, 3),
    ("get", "wishlist", None, 3),
    ("post", "wishlist", {"product_id": "{product}"}, 4),
    ("delete", "wishlist/{product}", None, 4),
    ("get", "auth/sessions", None, 2),
]
OF_BUYERS: list[tuple[str, int]] = [
    ("cart", 2),
    ("orders", 3),
    ("orders/{order}", 2),
    ("me/recently-bought", 4),
]
NAMES = {"slug": "any", "product": uuid7(), "address": uuid7(), "order": uuid7()}


@pytest.fixture
def fill(shop: Shop) -> Callable[[Any, int], dict[str, str]]:
    """`fill(user, n)` adds n of everything; the names of the last of each."""

    def filled(user: Any, count: int) -> dict[str, str]:
        names: dict[str, str] = {}
        for n in range(count):
            product = shop.product()
            shop.variant("200.00", product=product, size="A")
            shop.variant("300.00", product=product, size="B", stock=0)
            ProductImage.objects.create(product=product, image=f"{n}.jpg")
            HomeSection.objects.create(title="New", kind="newest", position=n)
            HomeSection.objects.create(
                title="All",
                kind="collection",
                position=n,
                content={"rule": {"category": "clothing"}},
            )
            HomeSection.objects.create(
                title="Browse", kind="categories", position=n, content={"slugs": ["clothing"]}
            )
            user.wishlist.create(product=product)
            address = shop.address(user)
            names = {"slug": product.slug, "product": str(product.id), "address": str(address.id)}
        return names

    return filled


@pytest.mark.parametrize(("method", "path", "body", "queries"), TABLE)
def test_number_of_queries_is_fixed(
    shop: Shop,
    shelved: Api,
    fill: Callable[[Any, int], dict[str, str]],
    django_assert_num_queries: DjangoAssertNumQueries,
    method: str,
    path: str,
    body: dict[str, Any] | None,
    queries: int,
) -> None:
    assert queries <= MOST
    user = shop.user()
    for count in (1, 6):  # the rows of the first round are still there in the second
        names = fill(user, count)
        sent = body and {
            field: value.format(**names) if isinstance(value, str) else value
            for field, value in body.items()
        }
        client = shelved(user)
        with django_assert_num_queries(queries):
            answer = getattr(client, method)(f"/api/v1/{path.format(**names)}", sent)
        assert answer.status_code < 300, answer.content


@pytest.mark.parametrize(("path", "queries"), OF_BUYERS)
def test_number_of_queries_is_fixed_whatever_was_bought(
    shop: Shop,
    api: Api,
    django_assert_num_queries: DjangoAssertNumQueries,
    path: str,
    queries: int,
) -> None:
    user = shop.user()
    shop.coupon("SAVE10")
    for count in (1, 4):
        for _ in range(count):
            order = shop.placed({shop.variant(): 1, shop.variant(): 2}, user=user, method="cod")
        shop.cart(user, {shop.variant(): 1 for _ in range(count)})
        shop.apply(user, "SAVE10")
        client = api(user)
        with django_assert_num_queries(queries):
            answer = client.get(f"/api/v1/{path.format(order=order.id)}")
        assert answer.status_code == 200, answer.content


def test_every_read_has_its_line() -> None:
    counted = {path for method, path, _, _ in TABLE if method == "get"}
    counted |= {path for path, _ in OF_BUYERS}

    lines = {resolve(f"/api/v1/{path.partition('?')[0].format(**NAMES)}").route for path in counted}

    assert lines == {route for route in readable(get_resolver()) if route.startswith("api/v1/")}


def readable(resolver: URLResolver, before: str = "") -> Iterator[str]:
    """The routes that answer GET."""
    for one in resolver.url_patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from readable(one, route)
        elif hasattr(getattr(one.callback, "view_class", None), "get"):
            yield route


def test_erasure_takes_as_many_queries_as_are_allowed(
    shop: Shop,
    api: Api,
    fill: Callable[[Any, int], dict[str, str]],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    user = shop.user()
    fill(user, 3)
    for _ in range(3):
        tokens.issue(user)

    client = api(user)

    with django_assert_num_queries(MOST):
        answer = client.delete("/api/v1/me")

    assert answer.status_code == 204
