"""What is due is done once, however many beats ask for it and however many workers do it."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any, ClassVar

from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone
from pytest_django import Settings

from commerce.core.jobs import Tally
from commerce.core.models import OutboxMessage, SagaStep
from commerce.core.outbox import Message
from commerce.core.procedures import call
from commerce.core.tasks import relay_outbox
from commerce.inventory.models import Inventory
from commerce.notifications.messages import TEMPLATES
from commerce.orders import workflows as orders
from commerce.orders.models import Order, OrderEvent
from commerce.payments.models import PaymentEvent, Refund
from config.celery import app
from tests.concurrency.buying import ONE_PRICE, PRICE, buy, customers, fill
from tests.concurrency.mutants import Edit, mutant, unlocked, without
from tests.concurrency.racing import SECONDS, crowd, outcomes, pile_up, wait_until
from tests.concurrency.sizes import size
from tests.crash.aftermath import audit_without_grace
from tests.shop.builder import Shop
from tests.shop.processes import running

EXPIRED, PAID_LATE = size(20, 200), size(10, 100)
TWO = 2
OPTIONS = ("--pool", "solo", "--without-mingle", "--without-gossip", "--loglevel", "INFO")
UNGUARDED: tuple[Edit, ...] = tuple(unlocked(what) for what in ("user", "cart", "order", "payment"))


def said_by_all(logs: list[Path], words: str) -> None:
    """Wait until each log has the words."""
    wait_until(lambda: all(words in log.read_text() for log in logs))


@contextmanager
def crew(folder: Path) -> Iterator[None]:
    """Two beats that hurry and two workers, each a process, all of them at work."""
    with app.connection_for_write() as broker, broker.channel() as channel:
        channel.queue_purge("celery")
    celery = ("celery", "-A", "tests.concurrency.hasty")
    logs = [folder / f"{name}.log" for name in ("worker-0", "worker-1", "beat-0", "beat-1")]
    with ExitStack() as processes:
        for log in logs[:2]:
            worker = (*celery, "worker", "--hostname", f"{log.stem}@here", *OPTIONS)
            processes.enter_context(running(log, *worker, DATA_DIR=str(folder)))
        said_by_all(logs[:2], " ready.")
        for log in logs[2:]:
            place = str(log.with_suffix(".schedule"))
            beat = (*celery, "beat", "--pidfile", "", "--schedule", place, "--loglevel", "INFO")
            processes.enter_context(running(log, *beat, DATA_DIR=str(folder)))
        said_by_all(logs, "cancel_expired_orders")
        yield


def unpaid(shop: Shop) -> tuple[list[Order], list[Order]]:
    """Orders that nobody paid yet, and cancelled ones whose payment has arrived but waits."""
    number = EXPIRED + PAID_LATE
    buyers = customers(number)
    fill(buyers, shop.variant(ONE_PRICE, stock=number))
    crowd([partial(buy, one, method="online") for one in buyers])
    late = list(Order.objects.all()[:PAID_LATE])
    for order in late:
        shop.event(shop.attempt(order))
        orders.cancel(order_id=order.id, actor_kind="system", reason="x")
    PaymentEvent.objects.update(next_attempt_at=timezone.now() + timedelta(hours=1))
    return list(Order.objects.exclude(status="cancelled")), late


def nothing_waits() -> bool:
    """Whether all orders have ended and the jobs are through; steps fall due for both workers."""
    steps = SagaStep.objects.filter(status="pending").update(due_at=timezone.now())
    rows = (
        Order.objects.filter(status="pending_payment"),
        PaymentEvent.objects.filter(status="recorded"),
        Refund.objects.filter(status="initiated"),
        OutboxMessage.objects.filter(status="pending"),
    )
    return steps == 0 and not any(one.exists() for one in rows)


def test_two_beats_and_two_workers_do_each_thing_once(shop: Shop, tmp_path: Path) -> None:
    expired, late = unpaid(shop)
    with crew(tmp_path):
        Order.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        PaymentEvent.objects.update(next_attempt_at=timezone.now())
        wait_until(nothing_waits)

    ended = OrderEvent.objects.filter(to_status="cancelled").values_list("order_id", flat=True)
    assert Counter(ended) == {order.id: 1 for order in (*expired, *late)}
    refunds = Refund.objects.values_list("order_id", "amount", "status")
    assert Counter(refunds) == {(order.id, PRICE, "succeeded"): 1 for order in late}
    messages = OutboxMessage.objects.all()
    assert {(one.status, one.attempts) for one in messages} == {("delivered", 1)}
    told = {f"{one.id}.json" for one in messages if one.topic in TEMPLATES}
    assert {path.name for path in (tmp_path / "sms").iterdir()} == told
    assert shop.inventory(Inventory.objects.get().variant) == (EXPIRED + PAID_LATE, 0)
    assert audit_without_grace() == []


def two_workers_cancel(shop: Shop) -> tuple[list[Any], list[str]]:
    """What two workers make of one order that both found to be over, and what its buyer is told."""
    order = shop.placed({shop.variant(): 1})
    shop.add(shop.variant(), user=order.user)  # the lines go back into a cart that is open already
    Order.objects.filter(id=order.id).update(expires_at=timezone.now() - timedelta(seconds=1))
    end = partial(
        call,
        "cancel_order",
        p_order_id=order.id,
        p_actor_kind="system",
        p_reason="payment_time_over",
        p_if_expired=True,
        p_line_max=settings.CART_LINE_MAX,
    )
    results = pile_up(order, end, end)
    return results, list(OutboxMessage.objects.values_list("topic", flat=True))


def test_one_of_two_workers_cancels_an_order(shop: Shop) -> None:
    results, told = two_workers_cancel(shop)

    assert sorted(one.cancelled for one in results) == [False, True]
    assert told == ["order.cancelled"]


def test_without_locks_the_history_refuses_a_second_cancellation(shop: Shop) -> None:
    with mutant("cancel_order", *UNGUARDED):
        results, told = two_workers_cancel(shop)

    assert sum(isinstance(one, IntegrityError) for one in results) == 1
    assert told == ["order.cancelled"]


def test_without_locks_and_constraint_two_workers_cancel_an_order(shop: Shop) -> None:
    with mutant("cancel_order", *UNGUARDED), without("order_events", "order_events_once"):
        results, told = two_workers_cancel(shop)

    assert outcomes(results) == {"ok": 2}
    assert told == ["order.cancelled"] * 2


class Slow:
    """A consumer that is still busy with its first message while another relay runs."""

    topics = frozenset({"order.confirmed"})
    taken: ClassVar[list[uuid.UUID]] = []
    other_ran = Event()

    def handle(self, message: Message) -> None:
        """Note the message; who is the first waits until the other relay has run."""
        self.taken.append(message.id)
        if len(self.taken) == 1:
            assert self.other_ran.wait(timeout=SECONDS)


def two_relays(shop: Shop, settings: Settings) -> int:
    """How often a message is handed over when a relay runs while another is busy with it."""
    shop.paid({shop.variant(): 1})
    settings.OUTBOX_CONSUMERS = [f"{__name__}.Slow"]
    Slow.taken.clear()
    Slow.other_ran.clear()

    def second() -> Tally:
        wait_until(lambda: bool(Slow.taken))
        try:
            return relay_outbox()
        finally:
            Slow.other_ran.set()

    outcomes(crowd([relay_outbox, second], threads=TWO))
    return len(Slow.taken)


def test_a_leased_message_is_handed_over_once(shop: Shop, settings: Settings) -> None:
    assert two_relays(shop, settings) == 1


def test_without_its_lease_a_message_is_handed_over_twice(shop: Shop, settings: Settings) -> None:
    settings.OUTBOX_LEASE_SECONDS = 0

    assert two_relays(shop, settings) == TWO
