"""The relay: in order, at least once, never stuck behind a message that can't be delivered."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.utils import timezone

from commerce.core.models import OutboxMessage
from commerce.core.tasks import relay_outbox
from tests.jobs import consumers
from tests.shop.builder import Shop

HERE = "tests.jobs.consumers."


@pytest.fixture(autouse=True)
def forget(settings: Any) -> Iterator[None]:
    """Start with nothing taken and one willing consumer."""
    consumers.taken.clear()
    settings.OUTBOX_CONSUMERS = [HERE + "Taking"]
    yield
    consumers.taken.clear()


def event(topic: str = "order.confirmed", **fields: Any) -> OutboxMessage:
    """A due event."""
    values = {"aggregate_type": "order", "aggregate_id": uuid.uuid4(), "topic": topic}
    message = OutboxMessage.objects.create(**(values | fields))
    message.refresh_from_db()
    return message


def test_delivers_in_the_order_of_writing_and_marks(shop: Shop) -> None:
    rows = [event(), event("order.shipped"), event()]

    tally = relay_outbox()

    assert tally == (3, 0)
    assert consumers.taken == [row.id for row in rows]
    for row in rows:
        row.refresh_from_db()
        assert (row.status, row.attempts) == ("delivered", 1)
        assert row.delivered_at is not None


def test_a_second_run_delivers_nothing_again(shop: Shop) -> None:
    event()

    relay_outbox()

    assert relay_outbox() == (0, 0)
    assert len(consumers.taken) == 1


def test_a_topic_that_nobody_takes_counts_as_delivered(shop: Shop) -> None:
    row = event("return.requested")

    assert relay_outbox() == (1, 0)

    row.refresh_from_db()
    assert row.status == "delivered"
    assert consumers.taken == []


def test_a_failure_is_put_off_and_the_others_go_on(shop: Shop, settings: Any) -> None:
    settings.OUTBOX_CONSUMERS = [HERE + "Refusing", HERE + "Taking"]
    bad, good = event("order.shipped"), event()
    before = timezone.now()

    assert relay_outbox() == (1, 1)

    bad.refresh_from_db()
    good.refresh_from_db()
    assert good.status == "delivered"
    assert (bad.status, bad.attempts) == ("pending", 1)
    assert bad.last_error == "RuntimeError: no courier answers"
    wait = bad.next_attempt_at - before
    assert timedelta(seconds=1) <= wait <= timedelta(seconds=3)


def test_waits_grow_with_the_attempts(shop: Shop, settings: Any) -> None:
    settings.OUTBOX_CONSUMERS = [HERE + "Refusing"]
    row = event("order.shipped", attempts=6)
    before = timezone.now()

    relay_outbox()

    row.refresh_from_db()
    wait = row.next_attempt_at - before
    assert row.attempts == 7
    assert timedelta(seconds=64) <= wait <= timedelta(seconds=129)


def test_a_message_is_dead_after_its_last_attempt(shop: Shop, settings: Any) -> None:
    settings.OUTBOX_CONSUMERS = [HERE + "Refusing"]
    row = event("order.shipped", attempts=settings.OUTBOX_MAX_ATTEMPTS - 1)

    relay_outbox()

    row.refresh_from_db()
    assert (row.status, row.attempts) == ("dead", settings.OUTBOX_MAX_ATTEMPTS)
    assert relay_outbox() == (0, 0)


def test_what_is_not_due_yet_waits(shop: Shop) -> None:
    event(next_attempt_at=timezone.now() + timedelta(minutes=1))

    assert relay_outbox() == (0, 0)


def test_a_relay_that_died_after_the_effect_repeats_when_its_lease_ends(
    shop: Shop, settings: Any
) -> None:
    settings.OUTBOX_CONSUMERS = [HERE + "Dying"]
    row = event()
    with pytest.raises(KeyboardInterrupt):
        relay_outbox()
    settings.OUTBOX_CONSUMERS = [HERE + "Taking"]

    assert relay_outbox() == (0, 0), "the lease still holds"
    OutboxMessage.objects.filter(pk=row.pk).update(next_attempt_at=timezone.now())
    assert relay_outbox() == (1, 0)

    row.refresh_from_db()
    assert consumers.taken == [row.id, row.id]
    assert (row.status, row.attempts) == ("delivered", 2)


def test_a_message_that_kills_each_relay_is_put_aside(shop: Shop, settings: Any) -> None:
    row = event(attempts=settings.OUTBOX_MAX_ATTEMPTS)

    assert relay_outbox() == (0, 1)

    row.refresh_from_db()
    assert row.status == "dead"
    assert row.last_error == "The relay never came back from this message."
    assert consumers.taken == []


def test_rows_in_other_hands_are_skipped_not_waited_for(shop: Shop) -> None:
    held, free = event(), event()
    with transaction.atomic():
        OutboxMessage.objects.select_for_update().get(pk=held.pk)
        other: list[Any] = []

        def run() -> None:
            other.append(relay_outbox())
            connections.close_all()

        thread = threading.Thread(target=run)
        thread.start()
        thread.join(timeout=10)
        assert other == [(1, 0)]
        assert consumers.taken == [free.id]


def test_two_relays_at_once_deliver_each_message_once(shop: Shop, settings: Any) -> None:
    settings.OUTBOX_BATCH_SIZE = 3
    rows = [event() for _ in range(40)]
    start = threading.Barrier(2)

    def run() -> None:
        start.wait()
        relay_outbox()
        connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert sorted(consumers.taken) == sorted(row.id for row in rows)
