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


def test_card_has_the_prices_of_the_cheapest_variant(
    shelf: dict[str, Product], shelved: Api
) -> None:
    found = shelved().get(LIST, {"category": "dresses"}).json()

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
        ("sort=price_asc", ["blocks", "dress", "frock"]),
        ("sort=price_desc", ["frock", "dress", "blocks"]),
        ("discount=20", ["dress", "blocks"]),
        ("rating=4", ["frock", "dress"]),
        ("age_band=1-2y", ["blocks"]),
        ("age_band=1-2y,6-8y", ["frock", "blocks"]),
        ("category=girls&brand=little-kite&gender=girl&age=30&max_price=599", ["dress"]),
    ],
)
def test_filters_and_sorts(
    shelf: dict[str, Product], shelved: Api, query: str, expected: list[str]
) -> None:
    assert slugs(shelved().get(f"{LIST}?{query}").json()) == expected


def test_facets_count_the_filtered_set(shelf: dict[str, Product], shelved: Api) -> None:
    facets = shelved().get(LIST, {"category": "girls"}).json()["facets"]

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
        "ages": [
            {"value": "2-4y", "label": "2 to 4 years", "count": 1},
            {"value": "4-6y", "label": "4 to 6 years", "count": 2},
            {"value": "6-8y", "label": "6 to 8 years", "count": 1},
            {"value": "8-10y", "label": "8 to 10 years", "count": 1},
        ],
        "discounts": [
            {"value": "20", "label": "20% or more", "count": 1},
            {"value": "10", "label": "10% or more", "count": 1},
        ],
        "ratings": [
            {"value": "4", "label": "4 stars or more", "count": 2},
            {"value": "3", "label": "3 stars or more", "count": 2},
            {"value": "2", "label": "2 stars or more", "count": 2},
            {"value": "1", "label": "1 star or more", "count": 2},
        ],
        "in_stock": 1,
        "price": {"min": "599.00", "max": "1200.00"},
        "total": 2,
        "approximate": [],
    }


@pytest.mark.parametrize(
    ("query", "facet", "expected"),
    [
        ("brand=chota-bheem", "brands", {"little-kite": 2, "chota-bheem": 1}),
        ("brand=chota-bheem", "genders", {"girl": 1}),
        ("gender=unisex", "genders", {"girl": 2, "unisex": 1}),
        ("age_band=1-2y", "ages", {"1-2y": 1, "2-4y": 2, "4-6y": 2, "6-8y": 1, "8-10y": 1}),
        ("age=30&gender=girl", "ages", {"2-4y": 1, "4-6y": 2, "6-8y": 1, "8-10y": 1}),
        ("size=4-5Y", "sizes", {"2-3Y": 1, "4-5Y": 2, "One size": 1}),
        ("size=4-5Y", "colours", {"Red": 1, "Blue": 1}),
        ("colour=Red", "sizes", {"2-3Y": 1, "4-5Y": 1}),
        ("size=2-3Y&colour=Blue", "sizes", {"4-5Y": 1}),
        ("size=2-3Y&colour=Blue", "colours", {"Red": 1}),
        ("in_stock=true", "sizes", {"2-3Y": 1, "One size": 1}),
        ("in_stock=true&colour=Red,Natural", "sizes", {"2-3Y": 1, "One size": 1}),
        ("discount=40", "discounts", {"50": 1, "40": 1, "30": 1, "20": 2, "10": 2}),
        ("rating=4", "ratings", {"4": 2, "3": 3, "2": 3, "1": 3}),
        ("min_price=600", "genders", {"girl": 1}),
        ("min_price=599&max_price=599.00", "genders", {"girl": 1}),
        ("max_price=598.99", "genders", {"unisex": 1}),
    ],
)
def test_a_facet_is_counted_as_if_it_were_not_filtered_by(
    shelf: dict[str, Product], shelved: Api, query: str, facet: str, expected: dict[str, int]
) -> None:
    facets = shelved().get(f"{LIST}?{query}").json()["facets"]

    assert {one["value"]: one["count"] for one in facets[facet]} == expected


@pytest.mark.parametrize(
    ("query", "stocked", "total", "prices"),
    [
        ("", 2, 3, ("250.00", "1200.00")),
        ("size=4-5Y", 0, 2, ("599.00", "1200.00")),
        ("in_stock=true", 2, 2, ("250.00", "599.00")),
        ("gender=girl&max_price=600", 1, 1, ("599.00", "1200.00")),
        ("min_price=5000", 0, 0, ("250.00", "1200.00")),
        ("min_price=9999999999", 0, 0, ("250.00", "1200.00")),
        ("max_price=9999999999", 2, 3, ("250.00", "1200.00")),
    ],
)
def test_facets_tell_totals_and_prices(
    shelf: dict[str, Product],
    shelved: Api,
    query: str,
    stocked: int,
    total: int,
    prices: tuple[str, str],
) -> None:
    facets = shelved().get(f"{LIST}?{query}").json()["facets"]

    assert (facets["in_stock"], facets["total"]) == (stocked, total)
    assert (facets["price"]["min"], facets["price"]["max"]) == prices


def test_facets_of_nothing_are_empty(shelf: dict[str, Product], shelved: Api) -> None:
    facets = shelved().get(LIST, {"category": "nowhere"}).json()["facets"]

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
    shop: Shop, shelved: Api, change: dict[str, Any]
) -> None:
    product = shop.variant(product=shop.product()).product
    Product.objects.filter(pk=product.pk).update(**change)

    assert shelved().get(LIST).json()["results"] == []
    assert shelved().get(f"{LIST}/{product.slug}").status_code == 404


def test_product_without_an_active_variant_is_not_listed(shop: Shop, shelved: Api) -> None:
    shop.variant(status="inactive")
    shop.product()

    assert shelved().get(LIST).json()["results"] == []


def test_a_blank_among_values_is_no_value(shop: Shop, shelved: Api) -> None:
    variant = shop.variant(colour="Red")

    for query in ("colour=", "colour=Red,,", "colour=%1F&colour=Red"):
        answer = shelved().get(f"/api/v1/products?{query}")
        assert [one["id"] for one in answer.json()["results"]] == [str(variant.product_id)], query
