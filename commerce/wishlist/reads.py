"""The wishlist as it is shown: with product cards, in two queries."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from commerce.catalog.models import Product
from commerce.catalog.reads import product_cards, visible_products
from commerce.wishlist.models import Wishlist


def entries_of(user_id: UUID) -> QuerySet[Wishlist]:
    """The customer's entries whose products are on the shelves."""
    return Wishlist.objects.filter(user_id=user_id, product__in=visible_products())


def with_cards(entries: Iterable[Wishlist]) -> list[Wishlist]:
    """The same entries, each `product` with what a card shows."""
    listed = list(entries)
    wanted = [one.product_id for one in listed]
    cards: dict[UUID, Product] = product_cards(visible_products()).in_bulk(wanted)
    shown = [one for one in listed if one.product_id in cards]
    for one in shown:
        one.product = cards[one.product_id]
    return shown
