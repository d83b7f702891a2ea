"""How many examples a property is tried on."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

TIMES = int(os.environ.get("MONEY_TIMES", "1"))  # more take longer and find more


def many(examples: int) -> settings:
    """The same examples in each run, or `MONEY_TIMES` as many others."""
    return settings(
        max_examples=examples * TIMES,
        derandomize=TIMES == 1,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
