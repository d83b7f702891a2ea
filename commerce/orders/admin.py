"""Orders, their lines, histories and returns, read-only: procedures write them."""

from __future__ import annotations

from django.contrib import admin

from commerce.core.admin import ReadOnlyAdmin, ReadOnlyInline
from commerce.orders.models import (
    Order,
    OrderEvent,
    OrderItem,
    OrderStatusTransition,
    Return,
    ReturnItem,
)


class OrderItemInline(ReadOnlyInline):
    """The lines of an order."""

    model = OrderItem
    fields = ("sku", "name", "quantity", "unit_price", "coupon_share", "line_total")


class OrderEventInline(ReadOnlyInline):
    """The history of an order."""

    model = OrderEvent
    fields = ("seq", "from_status", "to_status", "actor_kind", "note", "created_at")
    readonly_fields = ("created_at",)
    ordering = ("seq",)


class ReturnItemInline(ReadOnlyInline):
    """What comes back."""

    model = ReturnItem
    fields = ("order_item", "quantity", "condition", "restored_at")


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    """An order as it was agreed."""

    list_display = ("number", "user", "status", "payment_status", "payment_method", "total")
    list_filter = ("status", "payment_status", "payment_method")
    list_select_related = ("user",)
    search_fields = ("=number", "=user__phone", "=tracking_number")
    inlines = (OrderItemInline, OrderEventInline)


@admin.register(OrderItem)
class OrderItemAdmin(ReadOnlyAdmin):
    """Lines of orders."""

    list_display = ("order", "sku", "name", "quantity", "unit_price", "line_total")
    list_select_related = ("order",)
    search_fields = ("=order__number", "=sku")


@admin.register(OrderEvent)
class OrderEventAdmin(ReadOnlyAdmin):
    """Changes of status."""

    list_display = ("order", "seq", "from_status", "to_status", "actor_kind", "created_at")
    list_filter = ("to_status", "actor_kind")
    list_select_related = ("order",)
    search_fields = ("=order__number",)


@admin.register(OrderStatusTransition)
class OrderStatusTransitionAdmin(ReadOnlyAdmin):
    """The state machine; a migration keeps it."""

    list_display = ("from_status", "to_status", "actor")
    list_filter = ("actor",)
    ordering = ("from_status", "to_status", "actor")


@admin.register(Return)
class ReturnAdmin(ReadOnlyAdmin):
    """Returns of delivered orders."""

    list_display = ("number", "order", "status", "reason", "created_at")
    list_filter = ("status",)
    list_select_related = ("order",)
    search_fields = ("=number", "=order__number")
    inlines = (ReturnItemInline,)


@admin.register(ReturnItem)
class ReturnItemAdmin(ReadOnlyAdmin):
    """Units that come back."""

    list_display = ("return_request", "order_item", "quantity", "condition", "restored_at")
    list_filter = ("condition",)
    list_select_related = ("return_request", "order_item")
    search_fields = ("=return_request__number",)
