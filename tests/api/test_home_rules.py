"""Sections of the home screen that fill themselves by a rule, age bands, and where they lead."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from commerce.catalog.models import Brand, Category, HomeSection, Product
from tests.api.conftest import Api
from tests.shop.builder import Shop

HOME = "/api/v1/home"


@pytest.fixture
def toys(shop: Shop) -> None:
    """Five products that each filter tells apart."""
    top = Category.objects.create(name="Toys", slug="toys", path="/toys/")
    puzzles = Category.objects.create(
        name="Puzzles", slug="puzzles", path="/toys/puzzles/", parent=top
    )
    kite = Brand.objects.create(name="Red Kite", slug="red-kite")
    now = timezone.now()
    rows: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        ("frock", {"gender": "girl", "age_min_months": 24, "age_max_months": 36}, {}),
        ("shirt", {"gender": "boy", "age_min_months": 48, "age_max_months": 60}, {"stock": 0}),
        ("kite", {"category": top, "brand": kite, "rating": Decimal("4.5"), "rating_count": 3}, {}),
        ("puzzle", {"category": puzzles}, {"price": "50.00", "mrp": "100.00"}),
        ("game", {"category": puzzles, "brand": kite}, {"price": "90.00", "mrp": "100.00"}),
    ]
    for n, (slug, fields, offer) in enumerate(rows):
        months = {"age_min_months": 72, "age_max_months": 96}
        product = shop.product(
            slug=slug,
            popularity=10 * n,
            published_at=now - timedelta(days=n + 1),
            **(months | fields),
        )
        shop.variant(product=product, **offer)


def section(position: int = 0, kind: str = "collection", **content: Any) -> HomeSection:
    """A section of the home screen."""
    return HomeSection.objects.create(
        title=f"Section {position}", kind=kind, position=position, content=content
    )


RULES: list[tuple[dict[str, Any], list[str]]] = [
    ({"category": "toys"}, ["game", "puzzle", "kite"]),
    ({"category": "puzzles", "sort": "price"}, ["puzzle", "game"]),
    ({"brand": ["red-kite"]}, ["game", "kite"]),
    ({"brand": ["red-kite", "little-kite"], "category": "puzzles"}, ["game", "puzzle"]),
    ({"age_band": ["2-4y", "4-6y"]}, ["shirt", "frock"]),
    ({"gender": ["girl"]}, ["frock"]),
    ({"discount": "50"}, ["puzzle"]),
    ({"discount": "10", "sort": "discount"}, ["puzzle", "game"]),
    ({"rating": "4"}, ["kite"]),
    ({"in_stock": "true", "sort": "newest"}, ["frock", "kite", "puzzle", "game"]),
    ({"sort": "-price"}, ["kite", "shirt", "frock", "game", "puzzle"]),
    ({"sort": "backwards"}, ["game", "puzzle", "kite", "shirt", "frock"]),
]


def test_each_rule_finds_what_it_says_in_its_order(toys: None, shelved: Api) -> None:
    for position, (rule, _) in enumerate(RULES):
        section(position, rule=rule)

    sections = shelved().get(HOME).json()["sections"]

    found = [[one["slug"] for one in each["products"]] for each in sections]
    asked = [str(rule) for rule, _ in RULES]
    assert dict(zip(asked, found, strict=True)) == {str(rule): slugs for rule, slugs in RULES}


def test_rule_takes_so_many_and_leads_to_the_rest(toys: None, shelved: Api) -> None:
    rule = {"category": "toys", "brand": ["red-kite"], "in_stock": "true", "sort": "newest"}
    section(0, rule=rule, limit=1)
    section(1, "popular", limit=2)
    section(2, "newest", limit=1)
    client = shelved()

    body = client.get(HOME).json()["sections"]

    link = body[0]["link"]
    assert link == "/products?category=toys&in_stock=true&brand=red-kite&sort=newest"
    assert [one["slug"] for one in body[0]["products"]] == ["kite"]
    rest = client.get(f"/api/v1{link}").json()["results"]
    assert [one["slug"] for one in rest] == ["kite", "game"]
    assert [one["slug"] for one in body[1]["products"]] == ["game", "puzzle"]
    assert [one["slug"] for one in body[2]["products"]] == ["frock"]
    assert body[2]["link"] == "/products?sort=newest"


def test_age_bands_are_offered_all_or_as_chosen(toys: None, shelved: Api) -> None:
    section(0, "ages")
    section(1, "ages", bands=["4-6y", "0-6m"])

    every, chosen = shelved().get(HOME).json()["sections"]

    assert len(every["ages"]) == 9
    assert [one["value"] for one in chosen["ages"]] == ["4-6y", "0-6m"]
    assert chosen["ages"][0] == {
        "value": "4-6y",
        "label": "4 to 6 years",
        "link": "/products?age_band=4-6y",
    }
    assert (chosen["products"], chosen["banner"], chosen["link"]) == ([], None, None)


def test_product_that_has_just_left_the_shop_is_left_out(
    toys: None, shop: Shop, shelved: Api
) -> None:
    section(0, rule={"category": "puzzles"})
    client = shelved()

    Product.objects.filter(slug="game").update(status="archived")

    products = client.get(HOME).json()["sections"][0]["products"]
    assert [one["slug"] for one in products] == ["puzzle"]


@pytest.mark.parametrize("count", [1, 6])
def test_rules_cost_the_same_however_many(
    toys: None, shelved: Api, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for position in range(count):
        section(position, rule=RULES[position][0])
        section(position, products=["kite"])
        section(position, "categories", slugs=["toys"])
        section(position, "ages")
    client = shelved()

    with django_assert_num_queries(5):
        answer = client.get(HOME)

    assert len(answer.json()["sections"]) == 4 * count
