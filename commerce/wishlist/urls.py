"""Routes of the wishlist."""

from __future__ import annotations

from django.urls import path

from commerce.wishlist import views

urlpatterns = [
    path("wishlist", views.WishlistView.as_view(), name="wishlist"),
    path("wishlist/<uuid:product_id>", views.WishlistItemView.as_view(), name="wishlist-item"),
]
