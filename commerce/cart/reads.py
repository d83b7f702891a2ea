"""How a cart looks now: its lines at today's prices, what can be had of them, what has changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, Min, OuterRef, Q
from django.utils import timezone

from commerce.cart.identity import CartOwner
from commerce.cart.models import Cart, CartItem, CartStatus
from commerce.core import prepared
from commerce.inventory.models import HoldStatus, StockReservation

SUMS_READ = (
    "q.subtotal, q.discount, q.coupon_discount, q.shipping, q.cod_fee, q.tax_included, q.total"
)
QUOTE = f"""
SELECT {SUMS_READ} FROM quotes q WHERE q.kind = 'cart' AND q.owner_id = %(cart_id)s
"""  # noqa: S608 (put together from names of ours)
# The quote is found by a value that is known before the rows are: a join would total every cart.
CART = """
SELECT c.id AS cart_id, c.version,
       k.code AS coupon_code, k.title AS coupon_title, k.kind AS coupon_kind, k.min_subtotal,
       q.coupon_holds, {sums},
       i.id AS line_id, i.variant_id, i.quantity, i.seen_price,
       v.sku, v.size, v.colour, v.price, v.mrp, p.slug, p.name, m.image, s.available,
       v.status = 'active' AND NOT v.is_deleted AND p.status = 'active' AND NOT p.is_deleted
           AS sellable
FROM carts c
LEFT JOIN coupons k ON k.id = c.coupon_id
LEFT JOIN quotes q ON q.kind = 'cart' AND q.owner_id = (
    SELECT o.id FROM carts o WHERE {whose} AND o.status = 'open'
)
LEFT JOIN cart_items i ON i.cart_id = c.id AND NOT i.is_deleted
LEFT JOIN variants v ON v.id = i.variant_id
LEFT JOIN products p ON p.id = v.product_id
LEFT JOIN LATERAL (
    SELECT available FROM cart_line_stock WHERE line_id = i.id
) s ON TRUE
LEFT JOIN LATERAL (
    SELECT image FROM product_images WHERE product_id = p.id AND NOT is_deleted
    ORDER BY position, id LIMIT 1
) m ON TRUE
WHERE c.id = (SELECT o.id FROM carts o WHERE {whose} AND o.status = 'open')
ORDER BY i.added_at, i.id
"""
CART_OF_USER = CART.format(sums=SUMS_READ, whose="o.user_id = %(user_id)s")
CART_OF_GUEST = CART.format(
    sums=SUMS_READ, whose="o.token_hash = %(token_hash)s AND o.user_id IS NULL"
)
NO_MONEY = "0.00"
SUMS = (
    "subtotal",
    "discount",
    "coupon_discount",
    "shipping",
    "cod_fee",
    "tax_included",
    "total",
)


def open_cart(owner: CartOwner) -> Cart | None:
    """The owner's open cart, if there is one."""
    if not owner.known:
        return None
    carts = Cart.objects.filter(status=CartStatus.OPEN)
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


def cart_view(owner: CartOwner) -> dict[str, Any]:
    """The owner's open cart as the API shows it, read in one statement; empty when there is none.

    Amounts are decimal strings and ids are UUIDs: it can be answered as it is.
    """
    rows: list[dict[str, Any]] = []
    if owner.user_id:
        rows = prepared.rows(CART_OF_USER, {"user_id": owner.user_id})
    elif owner.token_hash:
        rows = prepared.rows(CART_OF_GUEST, {"token_hash": owner.token_hash})
    if not rows:
        return {
            "id": None,
            "version": 0,
            "items": [],
            "coupon": None,
            "totals": totals(None),
            "warnings": [],
        }
    cart = rows[0]
    return {
        "id": cart["cart_id"],
        "version": cart["version"],
        "items": [line_view(row) for row in rows if row["line_id"]],
        "coupon": coupon_view(cart),
        "totals": totals(cart),
        "warnings": warnings(cart),
    }


def line_view(line: dict[str, Any]) -> dict[str, Any]:
    """One line at today's price."""
    stock = max(line["available"] or 0, 0) if line["sellable"] else 0
    available = min(stock, settings.CART_LINE_MAX)
    image = line["image"]
    return {
        "id": line["line_id"],
        "variant_id": line["variant_id"],
        "product_slug": line["slug"],
        "name": line["name"],
        "sku": line["sku"],
        "size": line["size"],
        "colour": line["colour"],
        "image": settings.CDN_BASE_URL + image if image else None,
        "quantity": line["quantity"],
        "unit_price": str(line["price"]),
        "unit_mrp": str(line["mrp"]),
        "line_total": str(line["price"] * line["quantity"]),
        "available": available,
        "notices": notices(line, available),
    }


def notices(line: dict[str, Any], available: int) -> list[dict[str, Any]]:
    """What has changed about a line since the buyer last saw it."""
    found: list[dict[str, Any]] = []
    if not line["sellable"]:
        found.append({"code": "unavailable"})
    elif available < line["quantity"]:
        found.append({"code": "insufficient_stock", "available": available})
    was, now = line["seen_price"], line["price"]
    if now != was:
        found.append({"code": "price_changed", "was": str(was), "now": str(now)})
    return found


def coupon_view(cart: dict[str, Any]) -> dict[str, Any] | None:
    """The cart's coupon and what it is worth now."""
    if cart["coupon_code"] is None:
        return None
    return {
        "code": cart["coupon_code"],
        "title": cart["coupon_title"],
        "kind": cart["coupon_kind"],
        "applied": bool(cart["coupon_holds"]),
        "discount": str(cart["coupon_discount"]),
    }


def warnings(cart: dict[str, Any]) -> list[dict[str, Any]]:
    """What the buyer should know about the cart as a whole."""
    if cart["coupon_code"] is None or cart["coupon_holds"]:
        return []
    return [{"code": "coupon_not_applied", "minimum": str(cart["min_subtotal"])}]


def quote_of(cart_id: UUID) -> dict[str, Any]:
    """The totals of a cart that exists, as the API shows them."""
    return totals(prepared.rows(QUOTE, {"cart_id": cart_id})[0])


def totals(quote: dict[str, Any] | None) -> dict[str, Any]:
    """The sums of a quote, tax-inclusive; zeros without one."""
    sums = {name: str(quote[name]) if quote else NO_MONEY for name in SUMS}
    return {**sums, "currency": settings.CURRENCY}
