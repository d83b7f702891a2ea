"""Payments, refunds and the inbox of provider events, read-only: procedures write them."""

from __future__ import annotations

from django.contrib import admin

from commerce.core.admin import ReadOnlyAdmin, ReadOnlyInline
from commerce.payments.models import Payment, PaymentEvent, Refund, RefundItem


class RefundItemInline(ReadOnlyInline):
    """What a refund pays back line by line."""

    model = RefundItem
    fields = ("order_item", "quantity", "amount")


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    """Attempts to pay."""

    list_display = ("order", "provider", "attempt", "amount", "status", "disposition", "created_at")
    list_filter = ("status", "provider", "disposition")
    list_select_related = ("order",)
    search_fields = ("=order__number", "=provider_order_id", "=provider_payment_id")


@admin.register(PaymentEvent)
class PaymentEventAdmin(ReadOnlyAdmin):
    """What providers told us, as it came."""

    list_display = ("seq", "provider", "kind", "source", "status", "outcome", "attempts")
    list_filter = ("status", "outcome", "kind", "provider")
    search_fields = ("=event_id", "=provider_order_id", "=provider_payment_id")
    ordering = ("-seq",)


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    """Money on its way back."""

    list_display = ("order", "amount", "status", "reason", "attempts", "created_at")
    list_filter = ("status", "provider")
    list_select_related = ("order",)
    search_fields = ("=order__number", "=provider_refund_id")
    inlines = (RefundItemInline,)


@admin.register(RefundItem)
class RefundItemAdmin(ReadOnlyAdmin):
    """Lines of refunds."""

    list_display = ("refund", "order_item", "quantity", "amount")
    list_select_related = ("refund", "order_item")
    search_fields = ("=refund__order__number",)
