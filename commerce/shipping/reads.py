"""Answers about pincodes."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists

from commerce.shipping.models import ServiceablePincode, WarehouseRegion


def prefixes_of(pincode: str) -> list[str]:
    """What a region that holds the pincode may begin with."""
    return [pincode[:length] for length in range(1, len(pincode) + 1)]


def serviceability(pincode: str) -> dict[str, Any]:
    """Whether and how fast the shop delivers there; as at checkout, a warehouse must serve it."""
    served = WarehouseRegion.objects.filter(
        prefix__in=prefixes_of(pincode),
        is_deleted=False,
        warehouse__is_active=True,
        warehouse__is_deleted=False,
    )
    place = (
        ServiceablePincode.objects.filter(pincode=pincode, is_deleted=False)
        .annotate(served=Exists(served))
        .first()
    )
    serviceable = place is not None and place.is_serviceable and place.served
    return {
        "pincode": pincode,
        "serviceable": serviceable,
        "cod_allowed": bool(place and serviceable and place.cod_allowed),
        "city": place.city if place else None,
        "state": place.state if place else None,
        "delivery_days_min": place.delivery_days_min if place and serviceable else None,
        "delivery_days_max": place.delivery_days_max if place and serviceable else None,
    }
