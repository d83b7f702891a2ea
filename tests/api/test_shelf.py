"""The shelf follows the catalogue and the stock, and what it holds is what was put there anew."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from commerce.catalog.models import Brand, Category, Product, Variant
from commerce.catalog.shelf import counting, keeping, making, measuring
from commerce.catalog.tasks import keep_shelf
from commerce.core.procedures import call
from commerce.inventory.models import StockReservation
from tests.api.conftest import Api
from tests.shop.builder import Shop

LIST = "/api/v1/products"


def listed(api: Api, **query: str) -> list[str]:
    """The slugs of a list after the job has run once more."""
    keep_shelf()
    forget_changes()
    return [one["slug"] for one in api().get(LIST, query).json()["results"]]


def forget_changes() -> None:
    """Make all that was written so far old, so that only what is written next is new."""
    with connection.cursor() as cursor:
        for table in ("products", "variants", "inventory", "brands", "categories", "warehouses"):
            cursor.execute(f"UPDATE {table} SET updated_at = now() - interval '1 hour'")
        cursor.execute(
            "UPDATE products SET published_at = created_at - interval '1 hour' "
            "WHERE published_at <= now()"
        )


def contents() -> dict[str, list[Any]]:
    """All that the shelf says, by terms and products instead of numbers and places."""
    statements = {
        "rows": "SELECT p.product_id::text, price, discount, rating, rating_count, popularity, "
        "published_at, age_min, age_max, title::text, body::text, array(SELECT facet || value || "
        "other FROM shelf_terms WHERE id = ANY(p.terms || p.figures) ORDER BY 1) "
        "FROM shelf_products p ORDER BY 1",
        "bits": "SELECT t.facet, t.value, t.other, array(SELECT p.product_id::text "
        "FROM shelf_products p JOIN shelf_bits b ON b.term = t.id AND b.chunk = p.place % chunks "
        "WHERE get_bit(b.bits, (p.place / chunks)::integer) = 1 ORDER BY 1), (SELECT "
        "sum(bit_count(bits)) FROM shelf_bits b WHERE b.term = t.id) FROM shelf_terms t, "
        "shelf_state WHERE EXISTS (SELECT FROM shelf_bits b WHERE b.term = t.id "
        "AND bit_count(bits) > 0) ORDER BY 1, 2, 3",
        "counts": "SELECT s.facet, s.value, t.facet, t.value, count FROM shelf_counts c "
        "LEFT JOIN shelf_terms s ON s.id = scope JOIN shelf_terms t ON t.id = term "
        "WHERE count <> 0 ORDER BY 1, 2, 3, 4",
        "scopes": "SELECT s.facet, s.value, count, min_price, max_price FROM shelf_scopes c "
        "LEFT JOIN shelf_terms s ON s.id = scope WHERE count <> 0 ORDER BY 1, 2",
        "words": "SELECT word, in_titles, in_bodies, keys FROM shelf_words ORDER BY 1",
    }
    found = {}
    with connection.cursor() as cursor:
        for name, sql in statements.items():
            cursor.execute(sql)
            found[name] = cursor.fetchall()
    return found


def test_change_of_price_is_listed(shop: Shop, api: Api) -> None:
    cheap = shop.variant("100.00", mrp="500.00").product
    dear = shop.variant("200.00", mrp="500.00")
    assert listed(api, sort="price") == [cheap.slug, dear.product.slug]

    dear.price = Decimal("99.99")
    dear.save()

    assert listed(api, sort="price") == [dear.product.slug, cheap.slug]
    assert listed(api, max_price="99.99") == [dear.product.slug]
    assert listed(api, min_price="100") == [cheap.slug]


def test_stock_that_procedures_move_is_listed(shop: Shop, api: Api) -> None:
    variant = shop.variant("500.00", stock=1)
    assert listed(api, in_stock="true") == [variant.product.slug]

    shop.placed({variant: 1})
    assert listed(api, in_stock="true") == []

    lines = [{"sku": variant.sku, "warehouse": "BLR", "quantity": 1}]
    call("increase_inventory", p_kind="receipt", p_reference="GRN-1", p_lines=lines)
    assert listed(api, in_stock="true") == [variant.product.slug]


def test_stock_comes_back_when_the_time_of_a_hold_is_over(shop: Shop, api: Api) -> None:
    variant = shop.variant("500.00", stock=1)
    shop.checked_out({variant: 1})
    assert listed(api, in_stock="true") == []

    StockReservation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert listed(api, in_stock="true") == [variant.product.slug]


def hide(product: Product) -> None:
    """Take it out of sight as the admin does."""
    Product.objects.filter(pk=product.pk).update(is_deleted=True, updated_at=timezone.now())


def unpublish(product: Product) -> None:
    """Make it a draft again."""
    product.status = "draft"
    product.save()


def sell_nothing(product: Product) -> None:
    """Make its only variant inactive."""
    variant = product.variants.get()
    variant.status = "inactive"
    variant.save()


@pytest.mark.parametrize("change", [hide, unpublish, sell_nothing])
def test_product_leaves_the_list_and_its_counts(
    shop: Shop, api: Api, change: Callable[[Product], None]
) -> None:
    stays, goes = shop.variant("100.00").product, shop.variant("900.00").product
    assert set(listed(api)) == {stays.slug, goes.slug}

    change(goes)

    assert listed(api) == [stays.slug]
    facets = api().get(LIST).json()["facets"]
    assert facets["total"] == 1
    assert facets["price"] == {"min": "100.00", "max": "100.00"}
    assert [one["count"] for one in facets["brands"]] == [1]


def test_product_is_listed_from_its_date_on(shop: Shop, api: Api) -> None:
    soon = timezone.now() + timedelta(days=1)
    product = shop.variant(product=shop.product(published_at=soon)).product
    assert listed(api) == []

    # only the date comes nearer: nobody writes the product
    Product.objects.filter(pk=product.pk).update(
        published_at=timezone.now() - timedelta(milliseconds=1),
        updated_at=timezone.now() - timedelta(days=30),
    )

    assert listed(api) == [product.slug]


def test_moved_category_takes_its_products_along(shop: Shop, api: Api) -> None:
    girls = Category.objects.create(name="Girls", slug="girls", path="/girls/")
    tops = Category.objects.create(name="Tops", slug="tops", path="/tops/")
    product = shop.variant(product=shop.product(category=tops)).product
    assert listed(api, category="girls") == []

    tops.parent, tops.path = girls, "/girls/tops/"
    tops.save()

    assert listed(api, category="girls") == [product.slug]


def test_what_left_a_moment_ago_is_not_shown(shop: Shop, api: Api) -> None:
    kept, gone = shop.variant("100.00").product, shop.variant("100.00").product
    assert len(listed(api)) == 2

    unpublish(gone)

    assert [one["slug"] for one in api().get(LIST).json()["results"]] == [kept.slug]


def test_card_shows_the_price_and_stock_of_this_moment(shop: Shop, api: Api) -> None:
    variant = shop.variant("100.00", mrp="500.00", stock=1)
    assert listed(api) == [variant.product.slug]

    Variant.objects.filter(pk=variant.pk).update(price=Decimal("250.00"))
    shop.placed({variant: 1})

    card = api().get(LIST).json()["results"][0]
    assert (card["price"], card["discount_percent"], card["in_stock"]) == ("250.00", 50, False)
    page = api().get(f"{LIST}/{variant.product.slug}").json()
    assert card == {name: page[name] for name in card}


def test_following_step_by_step_ends_where_making_anew_does(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "FREQUENT", 1)  # so that words have bitmaps
    monkeypatch.setattr(making, "CHUNK_BITS", 512)  # and there are several chunks
    chance = random.Random(7)
    world = World(shop, chance)
    for _ in range(30):
        world.new()
    keeping.rebuild()

    for _ in range(6):
        for _ in range(8):
            chance.choice([world.new, world.price, world.stock, world.move, world.leave])()
        keeping.catch_up(wait=True)

    followed = contents()
    keeping.rebuild()
    made = contents()
    words = {"title", "body"}  # which of them are frequent is judged when the shelf is made
    known = {row[:2] for row in followed["bits"]}
    followed["bits"] = [
        row for row in followed["bits"] if row[0] not in words or row in made["bits"]
    ]
    made["bits"] = [row for row in made["bits"] if row[0] not in words or row[:2] in known]
    assert followed == made
    with connection.cursor() as cursor:
        cursor.execute("SELECT chunks FROM shelf_state")
        assert cursor.fetchone() == (2,)


def test_large_shop_says_which_counts_are_estimates(
    shop: Shop, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "CHUNK_BITS", 512)
    monkeypatch.setattr(measuring, "SAMPLED", 1)  # of two chunks
    for _ in range(24):
        shop.variant("100.00", product=shop.product(gender="girl"))
    client, several = api(), {"gender": "girl", "age": "30"}
    keep_shelf()

    whole = client.get(LIST).json()["facets"]
    few = client.get(LIST, several).json()["facets"]
    monkeypatch.setattr(counting, "FEW", 0)
    many = client.get(LIST, several).json()["facets"]

    for facets in (whole, few, many):  # every other product is as the others are
        assert (facets["total"], facets["in_stock"], facets["brands"][0]["count"]) == (24, 24, 24)
        assert facets["price"] == {"min": "100.00", "max": "100.00"}
    assert (whole["approximate"], few["approximate"]) == ([], [])
    assert {"total", "brands", "price", "in_stock"} <= set(many["approximate"])
    assert "ages" not in many["approximate"]  # counted of one gender alone, which is kept ready


class World:
    """A catalogue that changes at random."""

    def __init__(self, shop: Shop, chance: random.Random) -> None:
        self.shop, self.chance = shop, chance
        self.brands = [Brand.objects.create(name=n, slug=n.lower()) for n in ("Kite", "Mango")]
        self.categories = [
            Category.objects.create(name=path[1:-1], slug=f"c{n}", path=path)
            for n, path in enumerate(("/c0/", "/c0/c1/", "/c2/"))
        ]

    def new(self) -> None:
        """A product with a few variants."""
        pick = self.chance.choice
        product = self.shop.product(
            name=f"{pick(['Cotton', 'Red'])} {pick(['dress', 'car', 'kurta'])}",
            description=pick(["", "soft and light"]),
            brand=pick(self.brands),
            category=pick(self.categories),
            gender=pick(["girl", "boy", "unisex"]),
            rating=Decimal(pick(["0", "3.4", "4.9"])),
            age_min_months=pick([0, 12, 48]),
            age_max_months=pick([48, 96]),
        )
        for size in self.chance.sample(["S", "M", "L"], 2):
            colour, stock = pick(["Red", "Blue"]), pick([0, 2])
            price = pick(["99.00", "149.50", "1299.00"])
            self.shop.variant(
                price, mrp="1999.00", product=product, size=size, colour=colour, stock=stock
            )

    def price(self) -> None:
        """One variant has another price."""
        variant = self._variant()
        variant.price = Decimal(self.chance.choice(["49.99", "700.00", "1999.00"]))
        variant.save()

    def stock(self) -> None:
        """One variant has more."""
        self.shop.stock(self._variant(), 3)

    def move(self) -> None:
        """One product changes category and name."""
        product = self._variant().product
        product.category = self.chance.choice(self.categories)
        product.name = self.chance.choice(["Blue car", "Silk dress"])
        product.save()

    def leave(self) -> None:
        """One product is no longer sold."""
        unpublish(self._variant().product)

    def _variant(self) -> Variant:
        return self.chance.choice(list(Variant.objects.order_by("sku")))
