"""Carts, read-only: procedures write them."""

from __future__ import annotations

from django.contrib import admin

from commerce.cart.models import Cart, CartItem
from commerce.core.admin import ReadOnlyAdmin, ReadOnlyInline


class CartItemInline(ReadOnlyInline):
    """The lines of a cart."""

    model = CartItem
    fields = ("variant", "quantity", "seen_price", "is_deleted", "added_at")
    readonly_fields = ("is_deleted",)


@admin.register(Cart)
class CartAdmin(ReadOnlyAdmin):
    """Carts of guests and customers; the hash of a guest's token is not shown."""

    list_display = ("id", "user", "status", "coupon", "payment_method", "version", "last_active_at")
    list_filter = ("status", "payment_method")
    list_select_related = ("user", "coupon")
    search_fields = ("=id", "=user__phone")
    exclude = ("token_hash",)
    inlines = (CartItemInline,)


@admin.register(CartItem)
class CartItemAdmin(ReadOnlyAdmin):
    """Lines of carts."""

    list_display = ("variant", "cart_id", "quantity", "seen_price", "is_deleted", "added_at")
    list_select_related = ("variant",)
    search_fields = ("=cart__id", "variant__sku")
