"""The hot reads stay on their indexes: their plans are read on a shop large enough to tell."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.db.models import QuerySet

from commerce.accounts.models import Address, User
from commerce.catalog.models import Category, HomeSection, Product, Variant
from commerce.catalog.reads import product_cards, visible_products
from commerce.catalog.shelf import keeping
from commerce.core.pagination import NEWEST_FIRST
from commerce.inventory.models import Inventory
from commerce.wishlist.models import Wishlist
from commerce.wishlist.reads import entries_of
from tests.api.conftest import Api
from tests.shop.builder import Shop
from tests.shop.fixtures import empty_tables
from tests.shop.plans import Read, analysed, noted, plan_of, planned

PRODUCTS = 4_000
CATEGORIES = 40
PAGE = 25
BIG_TABLES = {"products", "variants", "inventory", "addresses", "wishlists"} | {
    f"shelf_{name}" for name in ("products", "terms", "bits", "counts", "words")
}


@pytest.fixture(scope="module")
def user(django_db_setup: None, django_db_blocker: Any) -> Iterator[User]:
    """A customer of a shop with thousands of products, which the tests only read."""
    with django_db_blocker.unblock():
        yield customer_of_many(Shop())
        empty_tables()
        cache.clear()


def customer_of_many(shop: Shop) -> User:
    """A customer of a shop with thousands of products and of other people's rows."""
    categories = Category.objects.bulk_create(
        Category(name=f"C{n}", slug=f"c{n}", path=f"/c{n}/") for n in range(CATEGORIES)
    )
    products = Product.objects.bulk_create(
        Product(
            slug=f"p{n}",
            name=f"Product word{n}",
            brand=shop.brand,
            category=categories[n % CATEGORIES],
            status="active",
            hsn_code="61112000",
            gst_rate=Decimal(5),
            popularity=n,
        )
        for n in range(PRODUCTS)
    )
    variants = Variant.objects.bulk_create(
        Variant(
            product=product,
            sku=f"S{n}-{size}",
            size=str(size),
            colour="Red",
            price=Decimal(100 + n),
            mrp=Decimal(5000),
        )
        for n, product in enumerate(products)
        for size in range(2)
    )
    Inventory.objects.bulk_create(
        Inventory(variant=variant, warehouse=shop.home, on_hand=5) for variant in variants
    )
    people = [shop.user() for _ in range(2)]
    Wishlist.objects.bulk_create(
        Wishlist(user=people[n % 50 == 0], product=product) for n, product in enumerate(products)
    )
    Address.objects.bulk_create(
        Address(user=people[n % 50 == 0], name="A", phone="1", line1="1", city="B", state="K")
        for n in range(PRODUCTS)
    )
    for kind in ("newest", "popular"):
        HomeSection.objects.create(title=kind, kind=kind, position=1)
    keeping.rebuild()
    analysed()
    return people[True]


def page(rows: QuerySet[Any], ordering: tuple[str, ...]) -> QuerySet[Any]:
    """The first page, as `paginate` reads it."""
    return rows.order_by(*ordering)[:PAGE]


def plans_of(api: Api, path: str, **query: str) -> Read:
    """How the statements of a request would be read; whole only what no index could find."""
    with noted() as statements:
        answer = api().get(f"/api/v1/{path}", query)
    assert answer.status_code == 200, answer.content
    return planned(statements, whole_only_without_index=True)


def test_hot_reads_stay_on_their_indexes(user: User) -> None:
    cards = product_cards(visible_products())
    own: UUID = user.pk
    addresses = Address.objects.filter(user_id=own, is_deleted=False)
    hot = {
        "page": (cards.filter(slug="p7"), "products_slug"),
        "addresses": (page(addresses, NEWEST_FIRST), "addresses_of_user"),
        "wishlist": (page(entries_of(own), NEWEST_FIRST), "wishlists_newest"),
    }

    for name, (rows, index) in hot.items():
        read = plan_of(rows)
        assert read.whole & BIG_TABLES == set(), (name, rows.explain())
        assert any(one.startswith(index) for one in read.indexes), (name, read.indexes)


def test_lists_and_searches_read_no_table_whole(user: User, api: Api) -> None:
    hot: list[tuple[str, dict[str, str], set[str]]] = [
        ("home", {}, set()),
        ("products/p7", {}, set()),
        ("products", {"sort": "popularity"}, {"shelf_popular"}),
        ("products", {"sort": "newest"}, {"shelf_newest"}),
        ("products", {"sort": "price"}, {"shelf_price"}),
        ("products", {"sort": "-price"}, {"shelf_price"}),
        ("products", {"sort": "discount"}, {"shelf_discount"}),
        ("products", {"sort": "rating"}, {"shelf_rating"}),
        ("products", {"category": "c1"}, {"shelf_counts_pkey", "shelf_found_by"}),
        ("products", {"size": "1", "colour": "Red"}, {"shelf_bits_pkey", "shelf_popular"}),
        ("products", {"category": "c1", "in_stock": "true"}, {"shelf_bits_pkey"}),
        ("search", {"q": "word77"}, {"shelf_words_begin", "shelf_body"}),
        ("search", {"q": "product"}, {"shelf_bits_pkey", "shelf_popular"}),
        ("search", {"q": "wrod77"}, {"shelf_words_keys"}),
        ("search/suggest", {"q": "word77"}, {"shelf_words_begin"}),
        ("search/suggest", {"q": "product"}, {"shelf_popular"}),
    ]

    for path, query, indexes in hot:
        read = plans_of(api, path, **query)
        assert (read.whole & BIG_TABLES, indexes - read.indexes) == (set(), set()), (path, query)
