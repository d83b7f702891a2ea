"""Filters find their values in capitals or not, and count as if they were written as they are."""

from __future__ import annotations

from typing import Any

import pytest

from commerce.catalog.models import Category
from tests.api.conftest import Api
from tests.shop.builder import Shop

PRODUCTS = "/api/v1/products"
OTHERWISE: list[tuple[dict[str, str], dict[str, str]]] = [
    ({"colour": "Red"}, {"colour": "red"}),
    ({"colour": "Red"}, {"colour": "RED,Red"}),
    ({"size": "4-5Y"}, {"size": "4-5y"}),
    ({"size": "4-5Y", "colour": "Red"}, {"size": "4-5y", "colour": "rED"}),
    ({"size": "4-5Y", "in_stock": "true"}, {"size": "4-5y", "in_stock": "true"}),
    ({"category": "frocks"}, {"category": "Frocks"}),
    ({"gender": "girl"}, {"gender": "Girl"}),
    ({"age_band": "4-6y"}, {"age_band": "4-6Y"}),
]


@pytest.mark.parametrize(("written", "typed"), OTHERWISE)
def test_value_is_found_in_capitals_or_not(
    shop: Shop, shelved: Api, written: dict[str, str], typed: dict[str, str]
) -> None:
    frocks = Category.objects.create(name="Frocks", slug="frocks", path="/frocks/")
    rows: list[dict[str, Any]] = [
        {"name": "Frock", "category": frocks, "gender": "girl"},
        {"name": "Shirt", "gender": "boy"},
    ]
    for fields, colour, size, ages in zip(
        rows, ("Red", "Navy"), ("4-5Y", "8-9Y"), ((48, 60), (96, 108)), strict=True
    ):
        span = {"age_min_months": ages[0], "age_max_months": ages[1]}
        shop.variant(product=shop.product(**fields, **span), size=size, colour=colour)
    client = shelved()

    wanted = client.get(PRODUCTS, written).json()
    body = client.get(PRODUCTS, typed).json()

    assert [one["name"] for one in body["results"]] == ["Frock"]
    assert (body["results"], body["facets"]) == (wanted["results"], wanted["facets"])


def test_brand_is_found_in_capitals(shop: Shop, shelved: Api) -> None:
    variant = shop.variant()
    slug = variant.product.brand.slug

    body = shelved().get(PRODUCTS, {"brand": slug.upper()}).json()

    assert slug != slug.upper()
    assert [one["name"] for one in body["results"]] == [variant.product.name]
