"""The product page, search and suggestions."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from commerce.cart.models import Cart
from commerce.catalog.models import Brand, Category, Product, ProductImage
from commerce.inventory.models import Inventory, StockReservation
from tests.api.conftest import Api
from tests.shop.builder import Shop


def names(body: dict[str, Any]) -> list[str]:
    """The names of a page, in order."""
    return [one["name"] for one in body["results"]]


def test_page_shows_what_can_be_bought(shop: Shop, shelved: Api) -> None:
    clothing = Category.objects.create(name="Boys", slug="boys", path="/boys/")
    shirts = Category.objects.create(
        name="Shirts", slug="shirts", path="/boys/shirts/", parent=clothing
    )
    product = shop.product(
        slug="check-shirt",
        name="Check shirt",
        description="Soft cotton.",
        category=shirts,
        gender="boy",
        age_min_months=24,
        age_max_months=72,
        attributes={"fabric": "Cotton"},
        rating=Decimal("4.2"),
        rating_count=31,
    )
    few = shop.variant("499.00", mrp="599.00", product=product, size="2-3Y", stock=3)
    many = shop.variant("549.00", mrp="599.00", product=product, size="4-5Y", stock=40)
    shop.variant("1.00", product=product, size="6-7Y", status="inactive")
    ProductImage.objects.create(product=product, image="b.jpg", alt="Back", position=2)
    ProductImage.objects.create(product=product, variant=few, image="a.jpg", position=1)

    body = shelved().get("/api/v1/products/check-shirt").json()

    assert body == {
        "id": str(product.id),
        "slug": "check-shirt",
        "name": "Check shirt",
        "brand": "Little Kite",
        "brand_slug": "little-kite",
        "price": "499.00",
        "mrp": "599.00",
        "discount_percent": 16,
        "currency": "INR",
        "image": "https://cdn.example.com/a.jpg",
        "rating": 4.2,
        "rating_count": 31,
        "in_stock": True,
        "description": "Soft cotton.",
        "gender": "boy",
        "age_min_months": 24,
        "age_max_months": 72,
        "attributes": {"fabric": "Cotton"},
        "breadcrumbs": [
            {"name": "Boys", "slug": "boys", "image": None},
            {"name": "Shirts", "slug": "shirts", "image": None},
        ],
        "variants": [
            {
                "id": str(few.id),
                "sku": few.sku,
                "size": "2-3Y",
                "colour": "Red",
                "price": "499.00",
                "mrp": "599.00",
                "available": 3,
                "low_stock": True,
            },
            {
                "id": str(many.id),
                "sku": many.sku,
                "size": "4-5Y",
                "colour": "Red",
                "price": "549.00",
                "mrp": "599.00",
                "available": 10,
                "low_stock": False,
            },
        ],
        "images": [
            {"url": "https://cdn.example.com/a.jpg", "alt": "", "variant_id": str(few.id)},
            {"url": "https://cdn.example.com/b.jpg", "alt": "Back", "variant_id": None},
        ],
        "related": [],
    }


def test_available_is_what_the_best_warehouse_has_left(shop: Shop, shelved: Api) -> None:
    far = shop.warehouse("BOM", state="Maharashtra")
    variant = shop.variant(stock=4)
    shop.stock(variant, 7, far)
    held_until = {True: timedelta(minutes=5), False: -timedelta(minutes=5)}
    for living, span in held_until.items():  # an expired hold holds nothing
        hold(shop, variant, far, 2, timezone.now() + span, living=living)

    body = shelved().get(f"/api/v1/products/{variant.product.slug}").json()

    assert body["variants"][0]["available"] == 5
    assert body["variants"][0]["low_stock"] is True


def hold(
    shop: Shop, variant: Any, warehouse: Any, quantity: int, expires_at: Any, *, living: bool
) -> None:
    """A hold of a guest's cart, as `lock_inventory` would leave it."""
    cart = Cart.objects.create(token_hash=f"guest-{living}")
    StockReservation.objects.create(
        variant=variant,
        warehouse=warehouse,
        cart=cart,
        quantity=quantity,
        cart_version=1,
        first_held_at=timezone.now(),
        expires_at=expires_at,
    )
    Inventory.objects.filter(variant=variant, warehouse=warehouse).update(
        reserved=F("reserved") + quantity
    )


def test_sold_out_product_is_shown_as_such(shop: Shop, shelved: Api) -> None:
    variant = shop.variant(stock=0)

    body = shelved().get(f"/api/v1/products/{variant.product.slug}").json()

    assert body["in_stock"] is False
    assert body["variants"][0]["available"] == 0
    assert body["variants"][0]["low_stock"] is False


def test_unknown_product_is_a_problem(shop: Shop, shelved: Api) -> None:
    answer = shelved().get("/api/v1/products/nowhere")

    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "product_not_found"


@pytest.fixture
def texts(shop: Shop) -> None:
    """Products that words find by name, description, brand or category."""
    frocks = Category.objects.create(name="Party frocks", slug="frocks", path="/frocks/")
    kite = Brand.objects.create(name="Red Balloon", slug="red-balloon")
    rows = [
        {"name": "Cotton dress", "popularity": 1},
        {"name": "Night suit", "description": "Made of cotton", "popularity": 9},
        {"name": "Lehenga", "category": frocks},
        {"name": "Rain coat", "brand": kite},
    ]
    for fields in rows:
        shop.variant(product=shop.product(**fields))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("cotton", ["Cotton dress", "Night suit"]),
        ("COTT", ["Cotton dress", "Night suit"]),
        ("cotton dress", ["Cotton dress"]),
        ("frock", ["Lehenga"]),
        ("balloon", ["Rain coat"]),
        ("red coat", ["Rain coat"]),
        ("cotton coat", []),
        ("otton", ["Cotton dress", "Night suit"]),
        ("nowhere", []),
        ("!&|():*'", []),
        ("cotton' | 'x", []),
    ],
)
def test_each_word_must_begin_one_that_is_found(
    texts: None, shelved: Api, words: str, expected: list[str]
) -> None:
    body = shelved().get("/api/v1/search", {"q": words}).json()

    assert names(body) == expected


def test_search_takes_filters_and_pages_by_relevance(texts: None, shelved: Api) -> None:
    first = shelved().get("/api/v1/search", {"q": "cotton", "limit": "1"}).json()
    rest = (
        shelved()
        .get("/api/v1/search", {"q": "cotton", "limit": "1", "cursor": first["next"]})
        .json()
    )
    popular = shelved().get("/api/v1/search", {"q": "cotton", "sort": "popularity"}).json()
    filtered = shelved().get("/api/v1/search", {"q": "cotton", "max_price": "1"}).json()

    assert names(first) + names(rest) == ["Cotton dress", "Night suit"]
    assert names(popular) == ["Night suit", "Cotton dress"]
    assert filtered["results"] == []
    assert first["facets"]["genders"] == [{"value": "unisex", "label": "unisex", "count": 2}]


def test_suggestions_go_on_from_what_was_typed(texts: None, shelved: Api) -> None:
    slug = Product.objects.get(name="Rain coat").slug

    body = shelved().get("/api/v1/search/suggest", {"q": "r"}).json()
    party = shelved().get("/api/v1/search/suggest", {"q": "party f"}).json()
    nothing = shelved().get("/api/v1/search/suggest", {"q": "(["}).json()

    assert body["results"] == [
        {"kind": "brand", "text": "Red Balloon", "slug": "red-balloon"},
        {"kind": "product", "text": "Rain coat", "slug": slug},
    ]
    assert party["results"] == [{"kind": "category", "text": "Party frocks", "slug": "frocks"}]
    assert nothing["results"] == []


@pytest.mark.parametrize("path", ["search", "search/suggest"])
@pytest.mark.parametrize("query", ["", "q=", "q=%20", f"q={'x' * 81}", "q=%00"])
def test_search_without_usable_words_is_refused(
    shop: Shop, shelved: Api, path: str, query: str
) -> None:
    answer = shelved().get(f"/api/v1/{path}?{query}")

    assert answer.status_code == 400
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/q"]
