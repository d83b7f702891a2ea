"""What a customer sends and sees of the wishlist."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from commerce.catalog.serializers import ProductCard
from commerce.core.pagination import Paged
from commerce.core.serializers import StrictSerializer


class WishlistInput(StrictSerializer):
    """The product to put aside."""

    product_id = serializers.UUIDField()


class WishlistEntry(serializers.Serializer[Any]):
    """A product that was put aside, as it is sold now."""

    product_id = serializers.UUIDField()
    added_at = serializers.DateTimeField(source="created_at")
    product = ProductCard()


class WishlistPage(Paged):
    """A page of the wishlist, the newest first; products off the shelves are left out."""

    results = WishlistEntry(many=True)
