"""What the tests of the audit share."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from commerce.audit.invariants import violations
from commerce.orders.models import Order
from tests.shop.builder import Shop

Broken = Callable[[], list[tuple[str, str, uuid.UUID]]]


@pytest.fixture
def broken() -> Broken:
    """Asks the audit what is wrong: (invariant, table, id) of each row, five minutes granted."""

    def ask() -> list[tuple[str, str, uuid.UUID]]:
        return [one[:3] for one in violations(timedelta(minutes=5))]

    return ask


@pytest.fixture
def long_ago() -> datetime:
    """A time beyond the grace."""
    return timezone.now() - timedelta(hours=1)


@pytest.fixture
def order(shop: Shop) -> Order:
    """A delivered order of two lines with a coupon, paid online; the books are right."""
    shop.coupon("SAVE10")
    lines = {shop.variant("499.00"): 2, shop.variant("100.00"): 1}
    made = shop.delivered(lines, coupon="SAVE10")
    shop.audit()
    return made
