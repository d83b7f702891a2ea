"""A cart of given lines, and what the pricing views say of it."""

from __future__ import annotations

from typing import Any

from django.db import connection

from commerce.cart.models import Cart, CartItem
from commerce.catalog.models import Variant
from commerce.coupons.models import Coupon
from commerce.orders.models import Order
from tests.shop.builder import Shop

Lines = dict[Variant, int]


def cart_of(lines: Lines, coupon: Coupon | None = None, **fields: Any) -> Cart:
    """A guest's cart with these lines and this coupon."""
    cart = Cart.objects.create(token_hash="a" * 64, coupon=coupon, **fields)
    for variant, quantity in lines.items():
        CartItem.objects.create(
            cart=cart, variant=variant, quantity=quantity, seen_price=variant.price
        )
    return cart


def column(owner: Cart | Order, name: str) -> dict[Any, Any]:
    """One column of `line_shares` by variant id."""
    kind = "cart" if isinstance(owner, Cart) else "order"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT variant_id, {name} FROM line_shares WHERE kind = %s AND owner_id = %s",
            [kind, owner.id],
        )
        return dict(cursor.fetchall())


def rows(owner: Cart | Order) -> list[dict[str, Any]]:
    """The rows of `line_shares`."""
    kind = "cart" if isinstance(owner, Cart) else "order"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM line_shares WHERE kind = %s AND owner_id = %s", [kind, owner.id]
        )
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def shares(cart: Cart, *variants: Variant) -> list[str]:
    """The coupon's shares of the variants' lines."""
    found = column(cart, "coupon_share")
    return [str(found[variant.id]) for variant in variants]


def amounts(shop: Shop, cart: Cart, *names: str) -> list[str]:
    """Columns of the cart's quote."""
    quote = shop.quote(cart.id)
    return [str(quote[name]) for name in names]
