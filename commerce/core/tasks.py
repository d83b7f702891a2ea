"""Jobs over the tables that serve all subjects."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from commerce.core import outbox
from commerce.core.jobs import Tally, job, purge
from commerce.core.models import (
    IdempotencyKey,
    OutboxMessage,
    OutboxStatus,
    RateWindow,
    RequestInFlight,
    SagaStatus,
    SagaStep,
)

DEAD = timedelta(hours=1)  # much longer than any lease


@job()
def relay_outbox() -> Tally:
    """Deliver the events that are due."""
    return outbox.relay()


@job()
def purge_records() -> dict[str, int]:
    """Delete idempotency keys, delivered events and finished workflow steps past their lifetime.

    Requests that died, and clients that were counted, leave rows by which nobody goes any more.
    """
    now = timezone.now()
    old: dict[str, QuerySet[Any]] = {
        "idempotency_keys": IdempotencyKey.objects.filter(
            created_at__lt=now - timedelta(hours=settings.IDEMPOTENCY_KEEP_HOURS)
        ),
        "requests_in_flight": RequestInFlight.objects.filter(expires_at__lt=now - DEAD),
        "rate_windows": RateWindow.objects.filter(ends_at__lt=now),
        "outbox": OutboxMessage.objects.filter(
            status=OutboxStatus.DELIVERED,
            delivered_at__lt=now - timedelta(days=settings.OUTBOX_KEEP_DAYS),
        ),
        "saga_log": SagaStep.objects.filter(
            status=SagaStatus.DONE,
            finished_at__lt=now - timedelta(days=settings.SAGA_KEEP_DAYS),
        ),
    }
    return {
        table: purge(f"purge {table}", rows, lambda found: found.delete()).done
        for table, rows in old.items()
    }
