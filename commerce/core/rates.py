"""How often is too often, as a setting says it: `10/min`."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import NamedTuple

UNITS = MappingProxyType(
    {"s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60}
    | {"h": 3600, "hour": 3600, "d": 86_400, "day": 86_400}
)
WRITTEN = re.compile(r"([1-9][0-9]{0,8})/([a-z]+)")


class Rate(NamedTuple):
    """So many requests in so many seconds."""

    limit: int
    seconds: int


def rate(written: str) -> Rate:
    """The rate of a text such as `30/min` or `10/h`; ValueError for any other."""
    found = WRITTEN.fullmatch(written.replace(" ", ""))
    if found is None or found[2] not in UNITS:
        raise ValueError(f"{written!r} is no rate: write 10/min, 500/min, 10/h")
    return Rate(int(found[1]), UNITS[found[2]])
