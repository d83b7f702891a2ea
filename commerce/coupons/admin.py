"""Coupons are edited here; who has used them is only read."""

from __future__ import annotations

from django.contrib import admin

from commerce.core.admin import TIMES, ReadOnlyAdmin, ShopAdmin, ShopInline
from commerce.coupons.models import Coupon, CouponScope, CouponUsage


class CouponScopeInline(ShopInline):
    """What the coupon applies to; nothing here means everything."""

    model = CouponScope
    fields = ("category", "brand", "product")
    autocomplete_fields = ("category", "brand", "product")


@admin.register(Coupon)
class CouponAdmin(ShopAdmin):
    """A discount by code."""

    list_display = ("code", "title", "kind", "value", "status", "starts_at", "ends_at")
    list_filter = ("status", "kind")
    search_fields = ("code", "title")
    readonly_fields = (*TIMES, "version")
    inlines = (CouponScopeInline,)
    ordering = ("-starts_at",)


@admin.register(CouponScope)
class CouponScopeAdmin(ShopAdmin):
    """One category, brand or product of a coupon."""

    list_display = ("coupon", "category", "brand", "product")
    list_select_related = ("coupon", "category", "brand", "product")
    search_fields = ("coupon__code",)
    autocomplete_fields = ("coupon", "category", "brand", "product")


@admin.register(CouponUsage)
class CouponUsageAdmin(ReadOnlyAdmin):
    """Slots of a coupon's limits."""

    list_display = ("coupon", "user", "order", "status", "expires_at", "ended_at")
    list_filter = ("status",)
    list_select_related = ("coupon", "user", "order")
    search_fields = ("=coupon__code", "=user__phone", "=order__number")
