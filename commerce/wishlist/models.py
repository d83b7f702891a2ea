"""Products that a customer has put aside."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from commerce.catalog.models import Product
from commerce.core.models import Row


class Wishlist(Row):
    """One product on a customer's wishlist."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="wishlist"
    )
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "wishlists"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "product"], name="wishlists_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "-created_at", "-id"], name="wishlists_newest")
        ]
