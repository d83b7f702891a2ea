"""When to try again: exponential, jittered, bounded."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone


def backoff_seconds(attempts: int) -> float:
    """Seconds to wait after `attempts` failures: half to all of `2^attempts`, bounded."""
    longest = min(2.0 ** min(attempts, 30), settings.JOB_BACK_OFF_SECONDS_MAX)
    return random.SystemRandom().uniform(longest / 2, longest)


def next_attempt_after(attempts: int) -> datetime:
    """The time of the next attempt after `attempts` failures."""
    return timezone.now() + timedelta(seconds=backoff_seconds(attempts))
