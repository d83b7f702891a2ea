"""The product list: filters, sort orders, facets and pages."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from commerce.catalog.models import Brand, Category, Product, ProductImage
from tests.api.conftest import Api
from tests.shop.builder import Shop

LIST = "/api/v1/products"


def slugs(body: dict[str, Any]) -> list[str]:
    """The slugs of a page, in order."""
    return [one["slug"] for one in body["results"]]


@pytest.fixture
def shelf(shop: Shop) -> dict[str, Product]:
    """Three products that differ in everything a list filters by."""
    girls = Category.objects.create(name="Girls", slug="girls", path="/girls/")
    dresses = Category.objects.create(
        name="Dresses", slug="dresses", path="/girls/dresses/", parent=girls
    )
    toys = Category.objects.create(name="Toys", slug="toys", path="/toys/")
    other = Brand.objects.create(name="Chota Bheem", slug="chota-bheem")
    dress = shop.product(
        slug="dress",
        name="Summer dress",
        category=dresses,
        gender="girl",
        popularity=5,
        rating=Decimal("4.5"),
        rating_count=2,
        age_min_months=24,
        age_max_months=60,
    )
    frock = shop.product(
        slug="frock",
        name="Party frock",
        category=girls,
        brand=other,
        gender="girl",
        popularity=9,
        rating=Decimal("4.5"),
        rating_count=8,
        age_min_months=48,
        age_max_months=96,
    )
    blocks = shop.product(
        slug="blocks",
        name="Wooden blocks",
        category=toys,
        popularity=1,
        rating=Decimal("3.0"),
        age_min_months=12,
        age_max_months=36,
        published_at=timezone.now() - timedelta(days=9),
    )
    shop.variant("599.00", mrp="799.00", product=dress, size="2-3Y", colour="Red", stock=3)
    shop.variant("699.00", mrp="799.00", product=dress, size="4-5Y", colour="Blue", stock=0)
    shop.variant("1200.00", mrp="1200.00", product=frock, size="4-5Y", colour="Red", stock=0)
    shop.variant("250.00", mrp="500.00", product=blocks, size="One size", colour="Natural")
    ProductImage.objects.create(product=dress, image="dress-2.jpg", position=2)
    ProductImage.objects.create(product=dress, image="dress-1.jpg", position=1)
    return {"dress": dress, "frock": frock, "blocks": blocks}


def test_card_has_the_prices_of_the_cheapest_variant(shelf: dict[str, Product], api: Api) -> None:
    found = api().get(LIST, {"category": "dresses"}).json()

    assert found["results"] == [
        {
            "id": str(shelf["dress"].id),
            "slug": "dress",
            "name": "Summer dress",
            "brand": "Little Kite",
            "price": "599.00",
            "mrp": "799.00",
            "discount_percent": 25,
            "currency": "INR",
            "image": "https://cdn.example.com/dress-1.jpg",
            "rating": 4.5,
            "in_stock": True,
        }
    ]
    assert found["next"] is None
    assert found["previous"] is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["frock", "dress", "blocks"]),
        ("category=girls", ["frock", "dress"]),
        ("category=nowhere", []),
        ("brand=chota-bheem", ["frock"]),
        ("brand=chota-bheem&brand=little-kite", ["frock", "dress", "blocks"]),
        ("brand=chota-bheem,little-kite", ["frock", "dress", "blocks"]),
        ("age=30", ["dress", "blocks"]),
        ("gender=unisex", ["blocks"]),
        ("size=4-5Y", ["frock", "dress"]),
        ("size=4-5Y&colour=Red", ["frock"]),
        ("size=4-5Y&in_stock=true", []),
        ("in_stock=true", ["dress", "blocks"]),
        ("in_stock=false", ["frock", "dress", "blocks"]),
        ("min_price=300&max_price=600", ["dress"]),
        ("sort=newest", ["frock", "dress", "blocks"]),
        ("sort=price", ["blocks", "dress", "frock"]),
        ("sort=-price", ["frock", "dress", "blocks"]),
        ("sort=discount", ["blocks", "dress", "frock"]),
        ("sort=popularity", ["frock", "dress", "blocks"]),
        ("sort=rating", ["frock", "dress", "blocks"]),
        ("sort=relevance", ["frock", "dress", "blocks"]),
    ],
)
def test_filters_and_sorts(
    shelf: dict[str, Product], api: Api, query: str, expected: list[str]
) -> None:
    assert slugs(api().get(f"{LIST}?{query}").json()) == expected


def test_facets_count_the_filtered_set(shelf: dict[str, Product], api: Api) -> None:
    facets = api().get(LIST, {"category": "girls"}).json()["facets"]

    assert facets == {
        "categories": [
            {"value": "dresses", "label": "Dresses", "count": 1},
            {"value": "girls", "label": "Girls", "count": 1},
        ],
        "brands": [
            {"value": "chota-bheem", "label": "Chota Bheem", "count": 1},
            {"value": "little-kite", "label": "Little Kite", "count": 1},
        ],
        "genders": [{"value": "girl", "label": "girl", "count": 2}],
        "sizes": [
            {"value": "2-3Y", "label": "2-3Y", "count": 1},
            {"value": "4-5Y", "label": "4-5Y", "count": 2},
        ],
        "colours": [
            {"value": "Red", "label": "Red", "count": 2},
            {"value": "Blue", "label": "Blue", "count": 1},
        ],
        "price": {"min": "599.00", "max": "1200.00"},
    }


def test_facets_of_nothing_are_empty(shelf: dict[str, Product], api: Api) -> None:
    facets = api().get(LIST, {"category": "nowhere"}).json()["facets"]

    assert facets["brands"] == []
    assert facets["price"] == {"min": None, "max": None}


@pytest.mark.parametrize(
    "change",
    [
        {"status": "draft"},
        {"status": "archived"},
        {"is_deleted": True},
        {"published_at": timezone.now() + timedelta(days=1)},
    ],
)
def test_product_off_the_shelves_is_not_listed(
    shop: Shop, api: Api, change: dict[str, Any]
) -> None:
    product = shop.variant(product=shop.product()).product
    Product.objects.filter(pk=product.pk).update(**change)

    assert api().get(LIST).json()["results"] == []
    assert api().get(f"{LIST}/{product.slug}").status_code == 404


def test_product_without_an_active_variant_is_not_listed(shop: Shop, api: Api) -> None:
    shop.variant(status="inactive")
    shop.product()

    assert api().get(LIST).json()["results"] == []


@pytest.mark.parametrize("sort", ["newest", "price", "-price", "discount", "popularity", "rating"])
def test_pages_meet_without_gap_or_repetition_both_ways(shop: Shop, api: Api, sort: str) -> None:
    for n in range(7):  # equal keys throughout: only the id tells the rows apart
        shop.variant("100.00" if n % 2 else "200.00", mrp="400.00")
    client = api()
    whole = slugs(client.get(LIST, {"sort": sort}).json())

    forward, pages = [], []
    cursor: dict[str, Any] = {}
    while True:
        page = client.get(LIST, {"sort": sort, "limit": 3, **cursor}).json()
        pages.append(page)
        forward += slugs(page)
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    backward = slugs(pages[-1])
    cursor = {"cursor": pages[-1]["previous"]}
    while cursor["cursor"]:
        page = client.get(LIST, {"sort": sort, "limit": 3, **cursor}).json()
        backward = slugs(page) + backward
        cursor = {"cursor": page["previous"]}

    assert len(whole) == 7
    assert forward == whole
    assert backward == whole
    assert [len(page["results"]) for page in pages] == [3, 3, 1]
    assert pages[0]["previous"] is None


def test_page_stays_put_when_products_are_added_before_it(shop: Shop, api: Api) -> None:
    for _ in range(4):
        shop.variant()
    client = api()
    whole = slugs(client.get(LIST, {"sort": "newest"}).json())
    first = client.get(LIST, {"sort": "newest", "limit": "2"}).json()
    shop.variant()

    second = client.get(LIST, {"sort": "newest", "limit": "2", "cursor": first["next"]}).json()

    assert slugs(second) == whole[2:]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("colour=%00", "/colour"),
        ("cursor=nonsense", "/cursor"),
        ("cursor=%F0%9F%92%A9", "/cursor"),
        ("limit=0", "/limit"),
        ("limit=-1", "/limit"),
        ("limit=1000000000000", "/limit"),
        ("limit=ten", "/limit"),
        ("age=-1", "/age"),
        ("age=1000000000000", "/age"),
        ("min_price=-1", "/min_price"),
        ("min_price=NaN", "/min_price"),
        ("min_price=1e400", "/min_price"),
        ("max_price=1000000000000", "/max_price"),
        ("gender=dragon", "/gender/0"),
        ("sort=cheapest", "/sort"),
        ("in_stock=perhaps", "/in_stock"),
        ("category=no%20slug", "/category"),
        ("page=2", "/page"),
        ("offset=2", "/offset"),
    ],
)
def test_bad_query_is_refused_by_name(shop: Shop, api: Api, query: str, pointer: str) -> None:
    answer = api().get(f"{LIST}?{query}")

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert pointer in [one["pointer"] for one in answer.json()["errors"]]


def test_cursor_of_another_sort_is_refused(shop: Shop, api: Api) -> None:
    for _ in range(2):
        shop.variant()
    cursor = api().get(LIST, {"sort": "price", "limit": "1"}).json()["next"]

    answer = api().get(LIST, {"sort": "-price", "limit": 1, "cursor": cursor})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/cursor"
    assert answer.json()["errors"][0]["code"] == "invalid_cursor"
