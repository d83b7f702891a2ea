"""Orders and returns as their owners see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Prefetch, QuerySet
from django.db.models.functions import JSONObject

from commerce.core.errors import ProblemError
from commerce.orders.models import Order, OrderEvent, OrderItem, Return, ReturnItem

TIMELINE_ENTRY = JSONObject(seq="seq", status="to_status", at="created_at", note="note")


def orders_of(user_id: UUID) -> QuerySet[Order]:
    """A customer's orders with their lines, newest first."""
    return (
        Order.objects.filter(user_id=user_id, is_deleted=False)
        .prefetch_related(Prefetch("items", OrderItem.objects.order_by("id")))
        .order_by("-created_at", "-id")
    )


def order_detail(order_id: UUID, user_id: UUID | None = None) -> Order:
    """An order with lines and history; a customer who doesn't own it is told there is none."""
    history = OrderEvent.objects.filter(order=OuterRef("pk")).order_by("seq")
    orders = (
        Order.objects.filter(id=order_id, is_deleted=False)
        .annotate(timeline=ArraySubquery(history.values(entry=TIMELINE_ENTRY)))
        .prefetch_related(Prefetch("items", OrderItem.objects.order_by("id")))
    )
    if user_id is not None:
        orders = orders.filter(user_id=user_id)
    order = orders.first()
    if order is None:
        raise ProblemError("order_not_found")
    return order


def order_view(order: Any) -> dict[str, Any]:
    """The order as the API shows it; `order` comes from `order_detail`."""
    return {
        **summary_view(order),
        "address": order.shipping_address,
        "cancel_reason": order.cancel_reason,
        "carrier": order.carrier,
        "tracking_number": order.tracking_number,
        "expires_at": order.expires_at,
        "timeline": [
            entry | {"at": datetime.fromisoformat(entry["at"])} for entry in order.timeline
        ],
    }


def summary_view(order: Order) -> dict[str, Any]:
    """The order as a list shows it."""
    return {
        "id": order.id,
        "number": order.number,
        "status": order.status,
        "payment_status": order.payment_status,
        "payment_method": order.payment_method,
        "placed_at": order.placed_at,
        "version": order.version,
        "items": [item_view(item) for item in order.items.all()],
        "totals": {
            "subtotal": order.subtotal,
            "discount": order.discount,
            "coupon_discount": order.coupon_discount,
            "shipping": order.shipping_fee,
            "cod_fee": order.cod_fee,
            "tax_included": order.tax_included,
            "total": order.total,
            "currency": order.currency,
        },
        "coupon_code": order.coupon_code,
    }


def item_view(item: OrderItem) -> dict[str, Any]:
    """A line as bought."""
    names = (
        "id",
        "variant_id",
        "sku",
        "product_slug",
        "name",
        "size",
        "colour",
        "quantity",
        "unit_mrp",
        "unit_price",
        "coupon_share",
        "line_total",
        "taxable_value",
        "cgst",
        "sgst",
        "igst",
        "gst_rate",
        "hsn_code",
        "quantity_returned",
    )
    image = settings.CDN_BASE_URL + item.image if item.image else None
    return {name: getattr(item, name) for name in names} | {"image": image}


def return_detail(return_id: UUID) -> Return:
    """A return with its items."""
    found = (
        Return.objects.filter(id=return_id)
        .prefetch_related(Prefetch("items", ReturnItem.objects.order_by("id")))
        .first()
    )
    if found is None:
        raise ProblemError("return_not_found")
    return found
