"""The outbox relay: hands each recorded event to its consumers, at least once.

A batch is claimed in a short transaction (`FOR UPDATE SKIP LOCKED`, so relays share the work) by
moving its next attempt behind a lease; delivery runs outside any lock. A relay that dies between
an effect and its mark leaves the message to be repeated when the lease ends; consumers are
idempotent by the message's id. Messages go out by `seq`, but a retried one may be overtaken.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string

from commerce.core.backoff import next_attempt_after
from commerce.core.jobs import Tally
from commerce.core.models import OutboxMessage, OutboxStatus

logger = logging.getLogger("commerce.outbox")

ERROR_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Message:
    """An event as consumers see it; `id` is the same at every repetition."""

    id: uuid.UUID
    seq: int
    topic: str
    aggregate_type: str
    aggregate_id: uuid.UUID
    payload: Mapping[str, Any]


class Consumer(Protocol):
    """Takes messages of its topics; raises when it must be given the message again."""

    topics: frozenset[str]

    def handle(self, message: Message) -> None:
        """Bring about the effect of the message, once for each message id."""
        ...


def consumers() -> tuple[Consumer, ...]:
    """One of each class that `OUTBOX_CONSUMERS` names."""
    return tuple(import_string(path)() for path in settings.OUTBOX_CONSUMERS)


def relay() -> Tally:
    """Deliver what is due, batch by batch, until none or no time is left."""
    end = time.monotonic() + settings.JOB_SECONDS
    takers = consumers()
    done = failed = 0
    while time.monotonic() < end:
        batch = _claim()
        for row in batch:
            if _deliver(row, takers):
                done += 1
            else:
                failed += 1
        if len(batch) < settings.OUTBOX_BATCH_SIZE:
            break
    return Tally(done, failed)


def _claim() -> list[OutboxMessage]:
    """Take the next due messages for the length of a lease; the attempt counts from here on."""
    now = timezone.now()
    with transaction.atomic():
        rows = list(
            OutboxMessage.objects.select_for_update(skip_locked=True)
            .filter(status=OutboxStatus.PENDING, next_attempt_at__lte=now)
            .order_by("seq")[: settings.OUTBOX_BATCH_SIZE]
        )
        OutboxMessage.objects.filter(pk__in=[row.pk for row in rows]).update(
            attempts=F("attempts") + 1,
            next_attempt_at=now + timedelta(seconds=settings.OUTBOX_LEASE_SECONDS),
            updated_at=now,
        )
    for row in rows:
        row.attempts += 1
    return rows


def _deliver(row: OutboxMessage, takers: tuple[Consumer, ...]) -> bool:
    """Hand one message to those who take its topic; True when all of them did."""
    if row.attempts > settings.OUTBOX_MAX_ATTEMPTS:  # its relay died each time: it may be the cause
        _fail(row, row.last_error or "The relay never came back from this message.")
        return False
    message = Message(row.id, row.seq, row.topic, row.aggregate_type, row.aggregate_id, row.payload)
    try:
        for taker in takers:
            if row.topic in taker.topics:
                taker.handle(message)
    except Exception as error:  # whatever a consumer meets, the other messages go on
        logger.exception("outbox %s failed", row.topic, extra=_fields(row))
        _fail(row, f"{type(error).__name__}: {error}")
        return False
    now = timezone.now()
    OutboxMessage.objects.filter(pk=row.pk, status=OutboxStatus.PENDING).update(
        status=OutboxStatus.DELIVERED, delivered_at=now, last_error="", updated_at=now
    )
    return True


def _fail(row: OutboxMessage, error: str) -> None:
    """Put the message off, or, its attempts used up, aside for a person."""
    now = timezone.now()
    dead = row.attempts >= settings.OUTBOX_MAX_ATTEMPTS
    OutboxMessage.objects.filter(pk=row.pk, status=OutboxStatus.PENDING).update(
        status=OutboxStatus.DEAD if dead else OutboxStatus.PENDING,
        next_attempt_at=next_attempt_after(row.attempts),
        last_error=error[:ERROR_LENGTH],
        updated_at=now,
    )
    if dead:
        logger.error("outbox %s is dead", row.topic, extra=_fields(row))


def _fields(row: OutboxMessage) -> dict[str, object]:
    return {"message_id": row.id, "seq": row.seq, "topic": row.topic, "attempt": row.attempts}
