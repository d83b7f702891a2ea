"""The home screen, the category tree and serviceability."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from commerce.catalog.models import Category, HomeSection
from commerce.inventory.models import Warehouse
from commerce.shipping.models import ServiceablePincode
from tests.api.conftest import Api
from tests.shop.builder import Shop


def shown(shelved: Api) -> list[tuple[str, list[str]]]:
    """Title and content of each section."""
    body = shelved().get("/api/v1/home").json()
    return [
        (one["title"], [each["slug"] for each in one["products"] or one["categories"]])
        for one in body["sections"]
    ]


def section(title: str, kind: str, position: int, **content: Any) -> HomeSection:
    """A section of the home screen."""
    return HomeSection.objects.create(title=title, kind=kind, position=position, content=content)


def test_home_shows_each_kind_of_section_in_order(shop: Shop, shelved: Api) -> None:
    toys = Category.objects.create(name="Toys", slug="toys", path="/toys/")
    puzzles = Category.objects.create(
        name="Puzzles", slug="puzzles", path="/toys/puzzles/", parent=toys
    )
    now = timezone.now()
    for slug, popularity, age, category in (
        ("old-hit", 9, 30, shop.category),
        ("new-flop", 1, 1, shop.category),
        ("puzzle", 5, 10, puzzles),
    ):
        shop.variant(
            product=shop.product(
                slug=slug,
                popularity=popularity,
                published_at=now - timedelta(days=age),
                category=category,
            )
        )
    section("Sale", "banner", 0, image="sale.jpg", link="/products?sort=discount", alt="Sale")
    section("New", "newest", 1, limit=2)
    section("Loved", "popular", 2, limit=2)
    section("Picked", "collection", 3, products=["puzzle", "gone", "old-hit"])
    section("All toys", "collection", 4, rule={"category": "toys"})
    section("Browse", "categories", 5, slugs=["puzzles", "toys", "gone"])

    assert shown(shelved) == [
        ("Sale", []),
        ("New", ["new-flop", "puzzle"]),
        ("Loved", ["old-hit", "puzzle"]),
        ("Picked", ["puzzle", "old-hit"]),
        ("All toys", ["puzzle"]),
        ("Browse", ["puzzles", "toys"]),
    ]
    banner = shelved().get("/api/v1/home").json()["sections"][0]
    assert banner["banner"] == {
        "image": "https://cdn.example.com/sale.jpg",
        "link": "/products?sort=discount",
        "alt": "Sale",
    }


@pytest.mark.parametrize(
    "change",
    [
        {"is_active": False},
        {"is_deleted": True},
        {"starts_at": timezone.now() + timedelta(days=1)},
        {"ends_at": timezone.now() - timedelta(days=1)},
        {"content": {"products": ["gone"]}, "kind": "collection"},
        {"content": {"rule": {"category": "gone"}}, "kind": "collection"},
        {"content": {"rule": {"brand": ["gone"]}}, "kind": "collection"},
        {"content": {"rule": {"rating": "3"}}, "kind": "collection"},
        {"content": {}, "kind": "collection"},
        {"content": {"bands": ["gone"]}, "kind": "ages"},
        {"content": {}, "kind": "categories"},
    ],
)
def test_section_with_nothing_to_show_now_is_left_out(
    shop: Shop, shelved: Api, change: dict[str, Any]
) -> None:
    shop.variant()
    one = section("New", "newest", 0)
    assert [title for title, _ in shown(shelved)] == ["New"]

    HomeSection.objects.filter(pk=one.pk).update(**change)

    assert shown(shelved) == []


def test_categories_are_a_tree_in_order(shop: Shop, api: Api) -> None:
    girls = Category.objects.create(name="Girls", slug="girls", path="/girls/", position=2)
    boys = Category.objects.create(name="Boys", slug="boys", path="/boys/", position=1)
    hidden = Category.objects.create(name="Old", slug="old", path="/old/", is_active=False)
    Category.objects.create(name="Below", slug="below", path="/old/below/", parent=hidden)
    tops = Category.objects.create(
        name="Tops", slug="tops", path="/girls/tops/", parent=girls, image="tops.jpg"
    )

    body = api().get("/api/v1/categories").json()

    assert body == {
        "results": [
            {
                "id": str(boys.id),
                "name": "Boys",
                "slug": "boys",
                "image": None,
                "children": [],
            },
            {
                "id": str(girls.id),
                "name": "Girls",
                "slug": "girls",
                "image": None,
                "children": [
                    {
                        "id": str(tops.id),
                        "name": "Tops",
                        "slug": "tops",
                        "image": "https://cdn.example.com/tops.jpg",
                        "children": [],
                    }
                ],
            },
        ],
        "next": None,
        "previous": None,
    }


def test_pincode_is_served_when_a_warehouse_serves_it(shop: Shop, api: Api) -> None:
    body = api().get("/api/v1/serviceability/560001").json()

    assert body == {
        "pincode": "560001",
        "serviceable": True,
        "cod_allowed": True,
        "city": "Bengaluru",
        "state": "Karnataka",
        "delivery_days_min": 2,
        "delivery_days_max": 5,
    }


@pytest.mark.parametrize("reason", ["unknown", "switched off", "deleted", "no warehouse"])
def test_pincode_that_is_not_served_is_an_answer(shop: Shop, api: Api, reason: str) -> None:
    place = ServiceablePincode.objects.filter(pincode="560001")
    if reason == "unknown":
        place.delete()
    elif reason == "switched off":
        place.update(is_serviceable=False)
    elif reason == "deleted":
        place.update(is_deleted=True)
    else:
        Warehouse.objects.update(is_active=False)

    answer = api().get("/api/v1/serviceability/560001")

    assert answer.status_code == 200
    body = answer.json()
    assert (body["serviceable"], body["cod_allowed"]) == (False, False)
    assert (body["delivery_days_min"], body["delivery_days_max"]) == (None, None)


def test_cash_is_told_by_pincode(shop: Shop, api: Api) -> None:
    shop.pincode("560002", cod_allowed=False)

    body = api().get("/api/v1/serviceability/560002").json()

    assert (body["serviceable"], body["cod_allowed"]) == (True, False)


@pytest.mark.parametrize(
    "pincode", ["0", "056000", "5600011", "56000a", "\u0665" * 6, "-1", "560 01"]
)
def test_malformed_pincode_is_refused(shop: Shop, api: Api, pincode: str) -> None:
    answer = api().get(f"/api/v1/serviceability/{pincode}")

    assert answer.status_code == 400
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/pincode"]
