from __future__ import annotations

from django.apps import AppConfig


class WishlistConfig(AppConfig):
    name = "commerce.wishlist"
    label = "wishlist"
