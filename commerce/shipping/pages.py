"""The page about a pincode, and what outdates it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from commerce.accounts.models import PINCODE_PATTERN
from commerce.catalog.pages import API, SLOW
from commerce.core.caching.following import Seen
from commerce.core.caching.rules import Rule

DELIVERY = "delivery"
CHANGED = """
SELECT EXISTS (SELECT 1 FROM serviceable_pincodes WHERE updated_at >= %(since)s)
    OR EXISTS (SELECT 1 FROM warehouse_regions WHERE updated_at >= %(since)s)
    OR EXISTS (SELECT 1 FROM warehouses WHERE updated_at >= %(since)s)
"""


def changes(since: datetime) -> Seen:
    """Whether it delivers otherwise since then."""
    with connection.cursor() as cursor:
        cursor.execute(CHANGED, {"since": since})
        changed: bool = cursor.fetchone()[0]
    return Seen({DELIVERY} if changed else set())


def delivery_tags(_data: Any) -> Iterable[str]:
    """Those of what is said of a pincode."""
    return (DELIVERY,)


RULES: Iterable[Rule] = (
    Rule(
        "serviceability",
        f"{API}/serviceability/",
        delivery_tags,
        SLOW,
        entries=5_000,
        named=re.compile(PINCODE_PATTERN, re.ASCII),
    ),
)
