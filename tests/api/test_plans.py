"""The hot reads stay on their indexes: their plans are read on a shop large enough to tell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet

from commerce.accounts.models import Address, User
from commerce.catalog.models import Category, Product, Variant
from commerce.catalog.reads import product_cards, visible_products
from commerce.catalog.shelf import keeping
from commerce.core.pagination import NEWEST_FIRST
from commerce.inventory.models import Inventory
from commerce.wishlist.models import Wishlist
from commerce.wishlist.reads import entries_of
from tests.api.conftest import Api
from tests.shop.builder import Shop

PRODUCTS = 4_000
CATEGORIES = 40
PAGE = 25
BIG_TABLES = {"products", "variants", "inventory", "addresses", "wishlists"} | {
    f"shelf_{name}" for name in ("products", "terms", "bits", "counts", "words")
}


@pytest.fixture
def user(shop: Shop) -> User:
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
    keeping.rebuild()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return people[True]


def read(rows: QuerySet[Any]) -> tuple[set[str], set[str]]:
    """The big tables that the plan reads whole, and the indexes that it uses."""
    plan = json.loads(rows.explain(format="json"))[0]["Plan"]
    nodes = list(walk(plan))
    whole = {one["Relation Name"] for one in nodes if one["Node Type"] == "Seq Scan"}
    return whole & BIG_TABLES, {one["Index Name"] for one in nodes if "Index Name" in one}


def walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every node of a plan."""
    yield node
    for inner in node.get("Plans", []):
        yield from walk(inner)


def page(rows: QuerySet[Any], ordering: tuple[str, ...]) -> QuerySet[Any]:
    """The first page, as `paginate` reads it."""
    return rows.order_by(*ordering)[:PAGE]


def plans_of(api: Api, path: str, **query: str) -> tuple[set[str], set[str]]:
    """What `read` tells, of all the statements of a request; a table is read whole only where no
    index would do, since the planner is told to avoid it."""
    statements: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        answer = api().get(f"/api/v1/{path}", query)
    assert answer.status_code == 200, answer.content
    nodes: list[dict[str, Any]] = []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for sql, params in statements:
            cursor.execute(f"EXPLAIN (FORMAT json) {sql}", params)
            nodes += walk(cursor.fetchone()[0][0]["Plan"])
    whole = {one["Relation Name"] for one in nodes if one["Node Type"] == "Seq Scan"}
    return whole & BIG_TABLES, {one["Index Name"] for one in nodes if "Index Name" in one}


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
        whole, used = read(rows)
        assert whole == set(), (name, rows.explain())
        assert any(one.startswith(index) for one in used), (name, used)


def test_lists_and_searches_read_no_table_whole(user: User, api: Api) -> None:
    hot: list[tuple[str, dict[str, str], set[str]]] = [
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
        whole, used = plans_of(api, path, **query)
        assert (whole, indexes - used) == (set(), set()), (path, query)
