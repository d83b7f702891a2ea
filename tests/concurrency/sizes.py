"""How large the races are: small in `make test`, whole with `RACE_FULL=1` (`make race`)."""

from __future__ import annotations

import os

FULL = os.environ.get("RACE_FULL", "") == "1"


def size(bounded: int, full: int) -> int:
    """The number of tries of this run."""
    return full if FULL else bounded
