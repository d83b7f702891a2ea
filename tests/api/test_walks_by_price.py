"""A list by price is walked from where the prices of what is wanted begin."""

from __future__ import annotations

from decimal import Decimal

import pytest

from commerce.catalog.models import Category
from commerce.catalog.shelf import lists
from commerce.catalog.tasks import keep_shelf
from tests.api.conftest import Api
from tests.shop.builder import Shop
from tests.shop.plans import noted


@pytest.mark.parametrize("sort", ["price", "-price"])
def test_walk_by_price_begins_where_the_category_does(
    shop: Shop, api: Api, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    monkeypatch.setattr(lists, "FEW", 0)
    monkeypatch.setattr(lists, "ROWS_OF_A_PAGE", 0)
    for price in ("100.00", "9000.00"):
        shop.variant(price, mrp="9000.00")
    toys = Category.objects.create(name="Toys", slug="toys", path="/toys/")
    for price in ("500.00", "700.00", "600.00"):
        shop.variant(price, mrp="9000.00", product=shop.product(category=toys))
    client = api()
    keep_shelf()

    with noted() as statements:
        wanted = {"category": "toys", "in_stock": "true", "sort": sort}
        page = client.get("/api/v1/products", wanted).json()

    prices = ["500.00", "600.00", "700.00"]
    assert [one["price"] for one in page["results"]] == prices[:: 1 if sort == "price" else -1]
    (walked,) = [values for sql, values in statements if "p.price >=" in sql]
    assert walked[-2:] == [Decimal("500.00"), Decimal("700.00")]
