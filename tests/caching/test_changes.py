"""What has changed is told no more, whenever the page was rendered."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from django_redis import get_redis_connection
from pytest_django.fixtures import Settings

from commerce.catalog.models import Brand, Category, HomeSection, SearchSynonym, Variant
from commerce.core.caching import names
from commerce.core.caching.following import forget_everything
from commerce.shipping.models import ServiceablePincode
from tests.caching.conftest import Reader, locked, renderings, waiting
from tests.shop.builder import Shop

READERS = 12
SECONDS = 30


def price(reader: Reader, variant: Variant) -> str:
    """What the product's page says."""
    return str(reader.get(f"products/{variant.product.slug}").json()["price"])


def cards(reader: Reader, path: str = "products?sort=price") -> list[tuple[str, str, bool]]:
    """What a list shows."""
    found = reader.get(path).json()["results"]
    return [(one["slug"], one["price"], one["in_stock"]) for one in found]


def reprice(variant: Variant, to: str) -> None:
    """A merchandiser saves another price."""
    variant.price = Decimal(to)
    variant.save()


def test_price_change_is_told_on_page_list_and_home(shop: Shop, reader: Reader) -> None:
    cheap, dear = shop.variant("100.00", mrp="900.00"), shop.variant("200.00", mrp="900.00")
    HomeSection.objects.create(title="New", kind="newest", content={})
    reader.follow()
    assert price(reader, dear) == "200.00"
    assert [one[1] for one in cards(reader)] == ["100.00", "200.00"]
    reader.get("home")

    reprice(dear, "50.00")
    reader.follow()

    assert price(reader, dear) == "50.00"
    slugs = dear.product.slug, cheap.product.slug
    assert [one[:2] for one in cards(reader)] == [(slugs[0], "50.00"), (slugs[1], "100.00")]
    (section,) = reader.get("home").json()["sections"]
    assert {one["price"] for one in section["products"]} == {"50.00", "100.00"}


def test_page_of_another_product_is_kept(shop: Shop, reader: Reader) -> None:
    toys = Category.objects.create(name="Toys", slug="toys", path="/toys/")
    one = shop.variant("100.00")
    other = shop.variant("200.00", mrp="900.00", product=shop.product(category=toys))
    forget_changes()
    reader.follow()
    price(reader, one)

    reprice(other, "50.00")
    reader.follow()

    assert reader.how(f"products/{one.product.slug}") == "hit"


def test_card_of_a_related_product_is_told_anew(shop: Shop, reader: Reader) -> None:
    one, other = shop.variant("100.00"), shop.variant("200.00", mrp="900.00")
    path = f"products/{one.product.slug}"
    reader.follow()
    assert [card["price"] for card in reader.get(path).json()["related"]] == ["200.00"]

    reprice(other, "50.00")
    reader.follow()

    assert [card["price"] for card in reader.get(path).json()["related"]] == ["50.00"]


def forget_changes() -> None:
    """Make all that was written so far old, so that only what is written next is new."""
    with connections["default"].cursor() as cursor:
        for table in ("products", "variants", "inventory", "brands", "categories", "warehouses"):
            cursor.execute(f"UPDATE {table} SET updated_at = now() - interval '1 hour'")
        for table in ("serviceable_pincodes", "warehouse_regions"):
            cursor.execute(f"UPDATE {table} SET updated_at = now() - interval '1 hour'")
        cursor.execute("UPDATE products SET published_at = now() - interval '1 hour'")
        cursor.execute("UPDATE stock_ledger SET created_at = now() - interval '1 hour'")


def test_stock_that_procedures_change_is_told(shop: Shop, reader: Reader) -> None:
    variant = shop.variant("100.00", stock=3)
    path = f"products/{variant.product.slug}"
    reader.follow()
    assert reader.get(path).json()["variants"][0]["available"] == 3
    assert [one[2] for one in cards(reader)] == [True]

    shop.checked_out({variant: 3})
    reader.follow()

    assert reader.get(path).json()["variants"][0]["available"] == 0
    assert [one[2] for one in cards(reader)] == [False]


def test_sale_leaves_lists_alone_while_there_is_more(shop: Shop, reader: Reader) -> None:
    variant = shop.variant("100.00", stock=8)
    forget_changes()
    reader.follow()
    cards(reader)
    path = f"products/{variant.product.slug}"
    reader.get(path)

    shop.checked_out({variant: 2})
    reader.follow()

    assert reader.get(path).json()["variants"][0]["available"] == 6
    assert reader.how("products?sort=price") == "hit"


@pytest.mark.parametrize("changed", ["brand", "category", "section", "pincode", "synonym"])
def test_change_beside_products_is_told(shop: Shop, reader: Reader, changed: str) -> None:
    variant = shop.variant("100.00")
    forget_changes()
    paths = {
        "brand": f"products/{variant.product.slug}",
        "category": "categories",
        "section": "home",
        "pincode": "serviceability/560001",
        "synonym": "search?q=frock",
    }
    reader.follow()
    reader.get(paths[changed])
    assert reader.how(paths[changed]) == "hit"

    change(changed)
    reader.follow()

    assert reader.how(paths[changed]) == "rendered"


def change(what: str) -> None:
    """Somebody edits it."""
    rows: dict[str, Any] = {"brand": Brand, "category": Category, "pincode": ServiceablePincode}
    if what in rows:
        rows[what].objects.get().save()
    elif what == "section":
        HomeSection.objects.create(title="New", kind="newest", content={})
    else:
        SearchSynonym.objects.create(words=["frock", "dress"])


def test_late_rendering_is_not_told_over_a_newer_one(
    shop: Shop, reader: Reader, own_news: None
) -> None:
    variant = shop.variant("100.00", mrp="900.00")
    reader.follow()

    with ThreadPoolExecutor(1) as pool:
        with locked("product_images"):  # which a list reads last, as of its beginning
            late = pool.submit(read_alone, reader, "products")
            until(lambda: waiting() == 1)
            reprice(variant, "50.00")
            reader.say(f"p:{variant.product_id}")
        assert late.result().json()["results"][0]["price"] == "100.00"

    assert [one[1] for one in cards(reader, "products")] == ["50.00"]
    reader.forget_here()
    assert [one[1] for one in cards(reader, "products")] == ["50.00"]


def test_many_are_told_the_old_page_while_one_renders_it(
    shop: Shop, reader: Reader, own_news: None, settings: Settings
) -> None:
    variant = shop.variant("100.00", mrp="900.00")
    path = f"products/{variant.product.slug}"
    reader.say()
    price(reader, variant)
    reprice(variant, "50.00")
    settings.PAGE_CACHE_OUTDATED_SECONDS = 600.0
    reader.say(f"p:{variant.product_id}")
    before = renderings()

    with ThreadPoolExecutor(READERS) as pool:
        with locked("categories"):
            first = pool.submit(read_alone, reader, path)
            until(lambda: waiting() == 1)
            others = [pool.submit(read_alone, reader, path) for _ in range(READERS - 1)]
            told = [one.result() for one in others]
        fresh = first.result()

    assert [one.json()["price"] for one in told] == ["100.00"] * (READERS - 1)
    assert fresh.json()["price"] == "50.00"
    assert renderings() == before + 1
    assert price(reader, variant) == "50.00"


def test_many_wait_for_one_where_nothing_may_be_told(
    shop: Shop, reader: Reader, own_news: None
) -> None:
    variant = shop.variant("100.00")
    path = f"products/{variant.product.slug}"
    reader.say()
    before = renderings()

    with ThreadPoolExecutor(READERS) as pool:
        with locked("categories"):
            everyone = [pool.submit(read_alone, reader, path) for _ in range(READERS)]
            until(lambda: waiting() == 1)
        bodies = {one.result().content for one in everyone}

    assert len(bodies) == 1
    assert renderings() == before + 1


def test_page_lives_for_a_moment_only_where_nobody_follows(
    shop: Shop, reader: Reader, settings: Settings
) -> None:
    settings.PAGE_CACHE_BLIND_SECONDS = 0.0
    blind = [reader.how("home"), reader.how("home")]

    reader.follow()
    settings.PAGE_CACHE_BLIND_SECONDS = 600.0
    reader.get("home")

    assert blind == ["rendered", "rendered"]
    assert reader.how("home") == "hit"


def test_everything_counts_as_changed_when_redis_has_lost_what_was_seen(
    shop: Shop, reader: Reader
) -> None:
    variant = shop.variant("100.00", mrp="900.00")
    forget_changes()
    reader.follow()
    price(reader, variant)
    get_redis_connection("default").flushdb()
    Variant.objects.update(price=Decimal("50.00"))  # which says of no row that it has changed

    reader.follow()

    assert price(reader, variant) == "50.00"


def test_operator_can_have_every_page_rendered_anew(shop: Shop, reader: Reader) -> None:
    reader.follow()
    reader.get("home")
    assert reader.how("home") == "hit"

    forget_everything()
    reader.follow()

    assert reader.how("home") == "rendered"


def test_lists_are_outdated_at_most_once_in_a_while(
    shop: Shop, reader: Reader, settings: Settings
) -> None:
    settings.PAGE_CACHE_CALM_SECONDS = 600.0
    variant = shop.variant("100.00", mrp="900.00")
    forget_changes()
    reader.follow()
    reprice(variant, "60.00")
    reader.follow()  # says of the lists, which rest from now on
    cards(reader, "products?brand=mango")  # which does not show it
    assert reader.how("products?brand=mango") == "hit"

    reprice(variant, "50.00")
    reader.follow()
    resting = reader.how("products?brand=mango")
    get_redis_connection("default").delete(names.rest("lists"))
    reader.follow()

    assert resting == "hit"
    assert reader.how("products?brand=mango") == "rendered"


def read_alone(reader: Reader, path: str) -> Any:
    """One read on a connection of its own."""
    try:
        return reader.get(path)
    finally:
        connections.close_all()


def until(condition: Any) -> None:
    """Wait until it holds."""
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, "it never held"
        time.sleep(0.01)
