"""Wishlists, read-only: they belong to the customers."""

from __future__ import annotations

from django.contrib import admin

from commerce.core.admin import ReadOnlyAdmin
from commerce.wishlist.models import Wishlist


@admin.register(Wishlist)
class WishlistAdmin(ReadOnlyAdmin):
    """What customers have put aside."""

    list_display = ("user", "product", "created_at")
    list_select_related = ("user", "product")
    search_fields = ("=user__phone", "product__name")
