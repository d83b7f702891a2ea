"""`quotes`: exact sums and fees of carts, and of the orders they became."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection

from commerce.cart.models import CartItem
from commerce.catalog.models import Product, Variant
from commerce.coupons.models import Coupon
from commerce.orders.models import Order
from tests.shop.builder import Shop
from tests.shop.pricing import amounts, cart_of, column


def test_quote_without_coupon_sums_the_lines(shop: Shop) -> None:
    dear = shop.variant("499.00", mrp="999.00", gst="12.00")
    cheap = shop.variant("100.00", mrp="100.00", gst="5.00")

    quote = shop.quote(cart_of({dear: 2, cheap: 1}).id)

    assert {name: str(value) for name, value in quote.items() if name != "owner_id"} == {
        "kind": "cart",
        "units": "3",
        "subtotal": "2098.00",
        "discount": "1000.00",
        "items_total": "1098.00",
        "coupon_id": "None",
        "coupon_code": "None",
        "coupon_holds": "False",
        "coupon_discount": "0.00",
        "shipping": "0.00",
        "cod_fee": "0.00",
        "tax_included": "111.69",  # 998 * 12/112 = 106.93, 100 * 5/105 = 4.76
        "total": "1098.00",
        "currency": "INR",
    }


def test_empty_cart_costs_nothing(shop: Shop) -> None:
    shop.shipping_rule("0", "79.00", cod_fee="49.00")

    cart = cart_of({}, shop.coupon(kind="flat", value=Decimal(50)), payment_method="cod")

    names = ("units", "items_total", "coupon_discount", "shipping", "cod_fee", "total")
    assert amounts(shop, cart, *names) == ["0", "0.00", "0.00", "0.00", "0.00", "0.00"]
    assert shop.quote(cart.id)["coupon_holds"] is False


def test_removed_lines_cost_nothing(shop: Shop) -> None:
    kept, removed = shop.variant("100.00"), shop.variant("900.00")
    cart = cart_of({kept: 1, removed: 1})
    CartItem.objects.filter(variant=removed).update(is_deleted=True)

    assert amounts(shop, cart, "units", "total") == ["1", "100.00"]


def test_cart_follows_the_catalogue_price(shop: Shop) -> None:
    variant = shop.variant("100.00")
    cart = cart_of({variant: 2})
    Variant.objects.update(price=Decimal("80.00"))

    assert amounts(shop, cart, "subtotal", "discount", "total") == ["200.00", "40.00", "160.00"]


def test_free_shipping_takes_the_fee_and_nothing_else(shop: Shop) -> None:
    shop.shipping_rule("0", "79.00", cod_fee="49.00")
    variant = shop.variant("200.00")
    coupon = shop.coupon(kind="free_shipping", value=Decimal(0))

    cart = cart_of({variant: 1}, coupon, payment_method="cod")

    names = ("coupon_holds", "coupon_discount", "shipping", "cod_fee", "total")
    assert amounts(shop, cart, *names) == ["True", "0.00", "0.00", "49.00", "249.00"]


@pytest.mark.parametrize(
    ("price", "method", "shipping", "cod_fee"),
    [
        ("498.99", "online", "79.00", "0.00"),
        ("498.99", "cod", "79.00", "49.00"),
        ("499.00", "cod", "39.00", "29.00"),
        ("998.99", "online", "39.00", "0.00"),
        ("999.00", "cod", "0.00", "0.00"),
    ],
)
def test_fees_step_down_at_each_rule(
    shop: Shop, price: str, method: str, shipping: str, cod_fee: str
) -> None:
    shop.shipping_rule("0", "79.00", cod_fee="49.00")
    shop.shipping_rule("499.00", "39.00", cod_fee="29.00")
    shop.shipping_rule("999.00", "0.00", cod_fee="0.00")

    cart = cart_of({shop.variant(price): 1}, payment_method=method)

    total = str(Decimal(price) + Decimal(shipping) + Decimal(cod_fee))
    assert amounts(shop, cart, "shipping", "cod_fee", "total") == [shipping, cod_fee, total]


def test_fees_go_by_the_value_after_the_coupon(shop: Shop) -> None:
    shop.shipping_rule("0", "79.00")
    shop.shipping_rule("999.00", "0.00")

    cart = cart_of({shop.variant("1000.00"): 1}, shop.coupon(value=Decimal(10)))

    assert amounts(shop, cart, "shipping", "total") == ["79.00", "979.00"]


@pytest.mark.parametrize("off", [{"is_active": False}, {"is_deleted": True}])
def test_rule_that_is_off_does_not_count(shop: Shop, off: dict[str, bool]) -> None:
    shop.shipping_rule("0", "79.00")
    rule = shop.shipping_rule("100.00", "0.00")
    type(rule).objects.filter(id=rule.id).update(**off)

    cart = cart_of({shop.variant("200.00"): 1})

    assert amounts(shop, cart, "shipping") == ["79.00"]


def test_sellable_tells_what_is_on_the_shelves(shop: Shop) -> None:
    on, off, draft = shop.variant(), shop.variant(status="inactive"), shop.variant()
    Product.objects.filter(id=draft.product_id).update(status="draft")

    cart = cart_of({on: 1, off: 1, draft: 1})

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT variant_id, sellable FROM priced_lines WHERE owner_id = %s", [cart.id]
        )
        assert dict(cursor.fetchall()) == {on.id: True, off.id: False, draft.id: False}


def test_order_keeps_the_cart_quote_after_prices_and_coupon_change(shop: Shop) -> None:
    shop.shipping_rule("0", "79.00", cod_fee="49.00")
    a, b = shop.variant("33.33", mrp="50.00"), shop.variant("33.35")
    coupon = shop.coupon("KITE", value=Decimal(15))
    cart = shop.checked_out({a: 1, b: 2}, coupon="KITE", method="cod")
    agreed, split = shop.quote(cart.id), column(cart, "coupon_share")
    order = Order.objects.get(id=shop.create_order(cart).order_id)
    Variant.objects.update(price=Decimal("1.00"))
    Coupon.objects.filter(id=coupon.id).update(status="ended")

    quote = shop.quote(order.id, "order")

    assert quote == agreed | {"kind": "order", "owner_id": order.id}
    assert column(order, "coupon_share") == split
    assert agreed["total"] == Decimal("213.03")  # 100.03 - 15.00 + 79 + 49


def test_order_without_coupon_holds_none(shop: Shop) -> None:
    cart = shop.checked_out({shop.variant("499.00"): 1})
    order_id = shop.create_order(cart).order_id

    assert shop.quote(order_id, "order")["coupon_holds"] is False
