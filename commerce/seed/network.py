"""Warehouses, where they deliver, pincodes, and what delivery costs."""

from __future__ import annotations

from decimal import Decimal

from commerce.inventory.models import Warehouse
from commerce.seed.data.places import PAUSED, PINCODES, WAREHOUSES, WITHOUT_COD
from commerce.seed.world import World
from commerce.shipping.models import ServiceablePincode, ShippingRule, WarehouseRegion

METROS = frozenset({"Bengaluru", "Mumbai", "Pune", "New Delhi", "Gurugram", "Noida", "Thane"})
COD_REFUSED_EVERY = 13  # one pincode in so many takes no cash, wherever it is

SHIPPING_RULES = (
    ("Standard delivery", "0.00", "79.00", "49.00"),
    ("Free delivery from 999", "999.00", "0.00", "49.00"),
)


def build(world: World) -> None:
    """Create everything that delivery needs; fills `world.warehouses`."""
    for code, (name, line1, city, state, pincode, regions) in WAREHOUSES.items():
        place = Warehouse.objects.create(
            id=world.key(),
            code=code,
            name=name,
            line1=line1,
            city=city,
            state=state,
            pincode=pincode,
            priority=len(world.warehouses) + 1,
        )
        world.warehouses.append(place)
        WarehouseRegion.objects.bulk_create(
            WarehouseRegion(id=world.key(), warehouse=place, prefix=prefix, priority=priority)
            for prefix, priority in regions.items()
        )
    ServiceablePincode.objects.bulk_create(_pincodes(world))
    ShippingRule.objects.bulk_create(
        ShippingRule(
            id=world.key(),
            name=name,
            min_order_value=Decimal(start),
            shipping_fee=Decimal(fee),
            cod_fee=Decimal(cod),
        )
        for name, start, fee, cod in SHIPPING_RULES
    )


def _pincodes(world: World) -> list[ServiceablePincode]:
    places = [
        (pincode, city, state)
        for state, cities in PINCODES.items()
        for city, pincodes in cities.items()
        for pincode in pincodes.split()
    ]
    return [
        ServiceablePincode(
            id=world.key(),
            pincode=pincode,
            city=city,
            state=state,
            is_serviceable=pincode not in PAUSED,
            cod_allowed=state not in WITHOUT_COD and n % COD_REFUSED_EVERY != 0,
            delivery_days_min=1 if city in METROS else 3,
            delivery_days_max=3 if city in METROS else 9 if state in WITHOUT_COD else 6,
        )
        for n, (pincode, city, state) in enumerate(places, start=1)
    ]
