"""How a cart looks now: its lines at today's prices, what can be had of them, what has changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Exists, Min, OuterRef, Q
from django.utils import timezone

from commerce.cart.identity import CartOwner
from commerce.cart.models import Cart, CartItem, CartStatus, Quote
from commerce.catalog.models import ProductImage, ProductStatus, VariantStatus
from commerce.inventory.models import HoldStatus, StockReservation

OBTAINABLE = "SELECT variant_id, available FROM cart_line_stock WHERE cart_id = %s"
NO_MONEY = Decimal("0.00")


def open_cart(owner: CartOwner) -> Cart | None:
    """The owner's open cart, if there is one."""
    if not owner.known:
        return None
    carts = Cart.objects.filter(status=CartStatus.OPEN).select_related("coupon")
    if owner.user_id:
        return carts.filter(user_id=owner.user_id).first()
    return carts.filter(token_hash=owner.token_hash, user__isnull=True).first()


def still_held(user_id: UUID, version: int, expires_at: datetime) -> bool:
    """Whether the open cart is as it was at `version` and wholly held until `expires_at`."""
    holds = StockReservation.objects.filter(
        cart=OuterRef("cart"),
        variant=OuterRef("variant"),
        quantity=OuterRef("quantity"),
        status=HoldStatus.ACTIVE,
        expires_at__gt=timezone.now(),
    )
    lacking = CartItem.objects.filter(~Exists(holds), cart=OuterRef("pk"), is_deleted=False)
    ends = Min("holds__expires_at", filter=Q(holds__status=HoldStatus.ACTIVE))
    carts = Cart.objects.filter(user_id=user_id, status=CartStatus.OPEN, version=version)
    return carts.annotate(ends=ends).filter(~Exists(lacking), ends=expires_at).exists()


def cart_view(cart: Cart | None) -> dict[str, Any]:
    """The cart as the API shows it; None is an empty cart that doesn't exist yet."""
    if cart is None:
        return {
            "id": None,
            "version": 0,
            "items": [],
            "coupon": None,
            "totals": totals(None),
            "warnings": [],
        }
    items = list(
        CartItem.objects.filter(cart=cart, is_deleted=False)
        .select_related("variant__product")
        .order_by("added_at", "id")
    )
    quote = Quote.objects.filter(kind="cart", owner_id=cart.id).first()
    obtainable = obtainable_units(cart.id)
    images = first_images({item.variant.product_id for item in items})
    return {
        "id": cart.id,
        "version": cart.version,
        "items": [line_view(item, obtainable, images) for item in items],
        "coupon": coupon_view(cart, quote),
        "totals": totals(quote),
        "warnings": warnings(cart, quote),
    }


def line_view(
    item: CartItem, obtainable: dict[UUID, int], images: dict[UUID, str]
) -> dict[str, Any]:
    """One line at today's price."""
    variant, product = item.variant, item.variant.product
    sellable = (
        variant.status == VariantStatus.ACTIVE
        and product.status == ProductStatus.ACTIVE
        and not variant.is_deleted
        and not product.is_deleted
    )
    stock = max(obtainable.get(item.variant_id, 0), 0) if sellable else 0
    available = min(stock, settings.CART_LINE_MAX)
    return {
        "id": item.id,
        "variant_id": item.variant_id,
        "product_slug": product.slug,
        "name": product.name,
        "sku": variant.sku,
        "size": variant.size,
        "colour": variant.colour,
        "image": images.get(product.id),
        "quantity": item.quantity,
        "unit_price": variant.price,
        "unit_mrp": variant.mrp,
        "line_total": variant.price * item.quantity,
        "available": available,
        "notices": notices(item, sellable=sellable, available=available),
    }


def notices(item: CartItem, *, sellable: bool, available: int) -> list[dict[str, Any]]:
    """What has changed about a line since the buyer last saw it."""
    found: list[dict[str, Any]] = []
    if not sellable:
        found.append({"code": "unavailable"})
    elif available < item.quantity:
        found.append({"code": "insufficient_stock", "available": available})
    if item.variant.price != item.seen_price:
        found.append({"code": "price_changed", "was": item.seen_price, "now": item.variant.price})
    return found


def obtainable_units(cart_id: UUID) -> dict[UUID, int]:
    """Units of each variant that a single warehouse could give this cart."""
    with connection.cursor() as cursor:
        cursor.execute(OBTAINABLE, [cart_id])
        return dict(cursor.fetchall())


def first_images(product_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The URL of each product's first image."""
    rows = (
        ProductImage.objects.filter(product_id__in=list(product_ids), is_deleted=False)
        .order_by("product_id", "position", "id")
        .distinct("product_id")
        .values_list("product_id", "image")
    )
    return {product_id: settings.CDN_BASE_URL + image for product_id, image in rows}


def coupon_view(cart: Cart, quote: Quote | None) -> dict[str, Any] | None:
    """The cart's coupon and what it is worth now."""
    if cart.coupon is None:
        return None
    return {
        "code": cart.coupon.code,
        "title": cart.coupon.title,
        "kind": cart.coupon.kind,
        "applied": bool(quote and quote.coupon_holds),
        "discount": quote.coupon_discount if quote else NO_MONEY,
    }


def warnings(cart: Cart, quote: Quote | None) -> list[dict[str, Any]]:
    """What the buyer should know about the cart as a whole."""
    if cart.coupon is None or (quote and quote.coupon_holds):
        return []
    return [{"code": "coupon_not_applied", "minimum": cart.coupon.min_subtotal}]


def totals(quote: Quote | None) -> dict[str, Any]:
    """The sums of a quote, tax-inclusive; zeros without one."""
    names = (
        "subtotal",
        "discount",
        "coupon_discount",
        "shipping",
        "cod_fee",
        "tax_included",
        "total",
    )
    sums = {name: getattr(quote, name) if quote else NO_MONEY for name in names}
    return {**sums, "currency": settings.CURRENCY}
