"""The Celery application of the shop with a beat that sends some jobs several times a second."""

from __future__ import annotations

import logging
from typing import Any

from celery.signals import setup_logging

from config.beat import SCHEDULE
from config.celery import app

EVERY = 0.25
JOBS = (
    *("cancel expired orders", "resume workflows", "settle waiting events"),
    *("submit refunds", "relay outbox"),
)

app.conf.beat_schedule = {name: SCHEDULE[name] | {"schedule": EVERY} for name in JOBS}
app.conf.beat_max_loop_interval = EVERY


@setup_logging.connect
def tell_of_each_tick(**_rest: Any) -> None:
    """So that a test sees when a beat is at work; in the shop it would be a line a second."""
    logging.getLogger("celery.beat").setLevel(logging.INFO)
