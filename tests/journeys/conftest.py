"""A running shop with something to buy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.journeys.live import LiveShop, live
from tests.shop.builder import Shop


@pytest.fixture
def live_shop(shop: Shop, tmp_path: Path) -> Iterator[LiveShop]:
    """Three products, a coupon, fees and an order desk, served by real processes."""
    for price in ("499.00", "799.00", "1299.00"):
        shop.variant(price, mrp="1499.00", stock=50)
    shop.coupon("WELCOME15")
    shop.shipping_rule("0", "79.00", "49.00")
    shop.shipping_rule("999", "0", "49.00")
    shop.staff("+919900000001")
    call_command("shelf", rebuild=True)  # the worker keeps it from then on
    with live(tmp_path) as running_shop:
        yield running_shop
