"""What the shop promises of a product at a pincode, in three queries."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from commerce.catalog.models import Variant
from commerce.catalog.reads import sold_variants, visible_products
from commerce.core.errors import ProblemError
from commerce.shipping.models import ShippingRule
from commerce.shipping.reads import prefixes_of, serviceability

NOTHING = Value(Decimal(0))


def promise(slug: str, pincode: str) -> dict[str, Any]:
    """When and for what fee each variant can come; ProblemError when there is no such product.

    Fees are those of one piece ordered alone; a full cart may come for less.
    """
    place = serviceability(pincode)
    variants = list(_variants(slug, pincode))
    if not variants:
        raise ProblemError("product_not_found")
    offers = [_offer(one, place) for one in variants]
    comes = place["serviceable"] and any(one["available"] for one in offers)
    today = timezone.localdate()
    return {
        "pincode": pincode,
        "serviceable": place["serviceable"],
        "city": place["city"],
        "state": place["state"],
        "earliest": today + timedelta(place["delivery_days_min"]) if comes else None,
        "latest": today + timedelta(place["delivery_days_max"]) if comes else None,
        "free_shipping_from": _free_from() if place["serviceable"] else None,
        "variants": offers,
    }


def _variants(slug: str, pincode: str) -> QuerySet[Variant]:
    """What is sold of the product, with the stock of one warehouse that serves the pincode."""
    serving = Q(
        availability__warehouse__regions__prefix__in=prefixes_of(pincode),
        availability__warehouse__regions__is_deleted=False,
    )
    return (
        sold_variants()
        .filter(product__in=visible_products().filter(slug=slug))
        .annotate(
            stock=Coalesce(Max("availability__available", filter=serving), 0),
            shipping_fee=_fee("shipping_fee"),
            cod_fee=_fee("cod_fee"),
        )
        .order_by("position", "price", "id")
    )


def _fee(name: str) -> Coalesce:
    """The fee of the highest rule that the variant alone reaches."""
    rules = _rules().filter(min_order_value__lte=OuterRef("price")).order_by("-min_order_value")
    return Coalesce(Subquery(rules.values(name)[:1]), NOTHING)


def _rules() -> QuerySet[ShippingRule]:
    return ShippingRule.objects.filter(is_active=True, is_deleted=False)


def _free_from() -> Decimal | None:
    """The order value from which delivery is free; None when it never is."""
    free = _rules().filter(shipping_fee=0).order_by("min_order_value")
    return free.values_list("min_order_value", flat=True).first()


def _offer(variant: Any, place: dict[str, Any]) -> dict[str, Any]:
    available = max(0, min(variant.stock, settings.CART_LINE_MAX)) if place["serviceable"] else 0
    total = variant.price + variant.shipping_fee + variant.cod_fee
    cash = place["cod_allowed"] and available > 0 and total <= settings.COD_MAX_TOTAL
    return {
        "id": variant.pk,
        "available": available,
        "shipping_fee": variant.shipping_fee if available else None,
        "cod_allowed": cash,
        "cod_fee": variant.cod_fee if cash else None,
    }
