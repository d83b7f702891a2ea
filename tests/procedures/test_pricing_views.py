"""`line_shares`: exact amounts of every kind of coupon, shared over the lines."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from commerce.cart.models import CartItem
from commerce.catalog.models import Brand, Category, Product, Variant
from commerce.coupons.models import Coupon
from tests.shop.builder import Shop
from tests.shop.pricing import amounts, cart_of, column, shares


def test_percentage_is_rounded_and_shared_by_largest_remainder(shop: Shop) -> None:
    a, b, c = (shop.variant(price) for price in ("33.33", "33.33", "33.35"))

    cart = cart_of({a: 1, b: 1, c: 1}, shop.coupon(value=Decimal("10.00")))

    # 10 % of 100.01 is 10.00; exact shares 3.33267, 3.33267, 3.33467: one paisa is left for c
    assert shares(cart, a, b, c) == ["3.33", "3.33", "3.34"]
    assert amounts(shop, cart, "coupon_discount", "total") == ["10.00", "90.01"]


def test_percentage_stops_at_its_cap(shop: Shop) -> None:
    a, b = shop.variant("300.00"), shop.variant("700.00")

    cart = cart_of({a: 1, b: 1}, shop.coupon(value=Decimal(20), max_discount=Decimal("150.00")))

    assert shares(cart, a, b) == ["45.00", "105.00"]
    assert amounts(shop, cart, "coupon_discount", "total") == ["150.00", "850.00"]


def test_hundred_per_cent_leaves_nothing_to_pay(shop: Shop) -> None:
    variant = shop.variant("99.99")

    cart = cart_of({variant: 3}, shop.coupon(value=Decimal(100)))

    names = ("coupon_discount", "tax_included", "total")
    assert amounts(shop, cart, *names) == ["299.97", "0.00", "0.00"]


def test_equal_remainders_go_to_the_earliest_lines(shop: Shop) -> None:
    variants = [shop.variant("100.00") for _ in range(3)]

    cart = cart_of(dict.fromkeys(variants, 1), shop.coupon(kind="flat", value=Decimal("100.00")))

    by_line = {item.variant_id: item.id for item in CartItem.objects.all()}
    in_order = sorted(variants, key=lambda variant: by_line[variant.id])
    assert shares(cart, *in_order) == ["33.34", "33.33", "33.33"]
    assert amounts(shop, cart, "coupon_discount", "total") == ["100.00", "200.00"]


def test_flat_discount_is_never_more_than_the_cart(shop: Shop) -> None:
    a, b = shop.variant("120.50"), shop.variant("79.50")

    cart = cart_of({a: 1, b: 2}, shop.coupon(kind="flat", value=Decimal("500.00")))

    assert shares(cart, a, b) == ["120.50", "159.00"]
    assert amounts(shop, cart, "coupon_discount", "total") == ["279.50", "0.00"]


@pytest.mark.parametrize("value", ["0.01", "0.07", "13.37", "99.99", "1234.56"])
def test_shares_of_many_odd_lines_sum_to_the_discount(shop: Shop, value: str) -> None:
    variants = [shop.variant(f"{7 + 13 * n}.{n * 7 % 100:02d}") for n in range(1, 24)]
    lines = {variant: n % 3 + 1 for n, variant in enumerate(variants)}

    cart = cart_of(lines, shop.coupon(kind="flat", value=Decimal(value)))

    found = column(cart, "coupon_share")
    assert sum(found.values()) == Decimal(value)
    prices = column(cart, "line_price")
    exact = {key: Decimal(value) * price / sum(prices.values()) for key, price in prices.items()}
    assert all(abs(share - exact[key]) < Decimal("0.01") for key, share in found.items())


def test_line_total_and_tax_come_after_the_share(shop: Shop) -> None:
    variant = shop.variant("525.00", gst="5.00")

    cart = cart_of({variant: 2}, shop.coupon(value=Decimal(10)))

    assert [str(column(cart, name)[variant.id]) for name in ("line_total", "tax")] == [
        "945.00",
        "45.00",
    ]


def test_buy_two_get_one_gives_the_cheapest_units(shop: Shop) -> None:
    coupon = shop.coupon(kind="buy_x_get_y", value=Decimal(0), buy_quantity=2, get_quantity=1)
    dear, middle, cheap = (shop.variant(price) for price in ("300.00", "200.00", "100.00"))

    cart = cart_of({dear: 4, middle: 2, cheap: 1}, coupon)

    # seven units make two groups of three: the one at 100 and one at 200 are free
    assert shares(cart, dear, middle, cheap) == ["0.00", "200.00", "100.00"]
    assert amounts(shop, cart, "coupon_discount", "total") == ["300.00", "1400.00"]


def test_buy_x_get_y_below_its_number_gives_nothing(shop: Shop) -> None:
    coupon = shop.coupon(kind="buy_x_get_y", value=Decimal(0), buy_quantity=2, get_quantity=1)

    cart = cart_of({shop.variant("100.00"): 2}, coupon)

    assert amounts(shop, cart, "coupon_discount", "total") == ["0.00", "200.00"]


def test_buy_x_get_y_counts_eligible_units_alone_and_keeps_its_cap(shop: Shop) -> None:
    toys = shop.product()
    coupon = shop.coupon(
        kind="buy_x_get_y",
        value=Decimal(0),
        buy_quantity=1,
        get_quantity=1,
        max_discount=Decimal("150.00"),
        scopes=[toys],
    )
    toy, other = shop.variant("200.00", product=toys), shop.variant("10.00")

    cart = cart_of({toy: 2, other: 5}, coupon)

    assert shares(cart, toy, other) == ["150.00", "0.00"]


def in_category(shop: Shop, category: Category) -> Variant:
    """A variant at 100.00 whose product is in the category."""
    return shop.variant("100.00", product=shop.product(category=category))


def test_category_scope_takes_its_descendants_and_no_namesakes(shop: Shop) -> None:
    girls = Category.objects.create(name="Girls", slug="girls", path="/girls/")
    frocks = Category.objects.create(name="Frocks", slug="frocks", path="/girls/frocks/")
    other = Category.objects.create(name="Girls' toys", slug="girls-toys", path="/girls-toys/")
    variants = [in_category(shop, category) for category in (girls, frocks, other)]

    cart = cart_of(dict.fromkeys(variants, 1), shop.coupon(scopes=[girls]))

    assert shares(cart, *variants) == ["10.00", "10.00", "0.00"]


def test_brand_and_product_scopes_add_up(shop: Shop) -> None:
    brand = Brand.objects.create(name="Paper Boat", slug="paper-boat")
    branded = shop.variant("100.00", product=shop.product(brand=brand))
    named: Product = shop.product()
    chosen, other = shop.variant("200.00", product=named), shop.variant("400.00")

    cart = cart_of({branded: 1, chosen: 1, other: 1}, shop.coupon(scopes=[brand, named]))

    assert shares(cart, branded, chosen, other) == ["10.00", "20.00", "0.00"]
    assert column(cart, "coupon_base")[other.id] == 0


def test_deleted_scope_no_longer_narrows(shop: Shop) -> None:
    coupon = shop.coupon(scopes=[shop.product()])
    cart = cart_of({shop.variant("100.00"): 1}, coupon)
    before = amounts(shop, cart, "coupon_holds", "coupon_discount")
    coupon.scopes.update(is_deleted=True)

    assert before == ["False", "0.00"]
    assert amounts(shop, cart, "coupon_holds", "coupon_discount") == ["True", "10.00"]


@pytest.mark.parametrize(
    "fields",
    [
        {"min_subtotal": Decimal("998.01")},
        {"status": "paused"},
        {"status": "draft"},
        {"is_deleted": True},
        {"starts_at": timezone.now() + timedelta(days=1)},
        {"ends_at": timezone.now() - timedelta(minutes=1)},
    ],
)
def test_coupon_that_does_not_hold_takes_nothing_off(shop: Shop, fields: dict[str, Any]) -> None:
    coupon = shop.coupon()
    Coupon.objects.update(**fields)

    cart = cart_of({shop.variant("499.00"): 2}, coupon)

    names = ("coupon_holds", "coupon_discount", "total")
    assert amounts(shop, cart, *names) == ["False", "0.00", "998.00"]


def test_minimum_is_met_to_the_paisa_by_selling_prices(shop: Shop) -> None:
    coupon = shop.coupon(min_subtotal=Decimal("998.00"))

    cart = cart_of({shop.variant("499.00", mrp="999.00"): 2}, coupon)

    assert amounts(shop, cart, "coupon_holds", "coupon_discount") == ["True", "99.80"]
