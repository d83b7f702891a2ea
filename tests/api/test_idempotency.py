"""A POST under a key: one effect, one answer; while the first is under way and without Redis."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone
from pytest_django.fixtures import Settings

from commerce.accounts.models import User
from commerce.core.idempotency import fingerprint
from commerce.core.models import RequestInFlight
from commerce.core.replays import request_id
from commerce.orders.models import Order
from tests.api.checking_out import check_out
from tests.api.conftest import Api
from tests.shop.builder import Shop
from tests.shop.locks import held
from tests.shop.outages import OUTAGES, OwnRedis

PATH = "/api/v1/orders"
TIMES = 20
SECONDS = 10
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


@dataclass(frozen=True)
class Said:
    """What a client can tell one answer from another by."""

    status: int
    body: bytes
    code: str = ""
    retry_after: str | None = None
    replayed: bool = False


@dataclass(frozen=True)
class Buyer:
    """A customer who has checked out and places the order under one key, again and again."""

    user: User
    api: Api
    body: dict[str, Any]
    key: str

    def send(self, **change: Any) -> Said:
        """One request on a connection of its own."""
        try:
            headers = {"Idempotency-Key": self.key}
            answer = self.api(self.user).post(PATH, self.body | change, headers=headers)
        finally:
            if threading.current_thread() is not threading.main_thread():
                connections.close_all()
        told = answer.json()
        return Said(
            answer.status_code,
            answer.content,
            told.get("code", ""),
            answer.headers.get("Retry-After"),
            answer.headers.get("Idempotent-Replayed") == "true",
        )


@pytest.fixture
def buyer(shop: Shop, api: Api) -> Buyer:
    """One unit of the only variant, checked out."""
    user = shop.user()
    shop.cart(user, {shop.variant(stock=5): 1})
    return Buyer(user, api, check_out(api(user), shop, user)["placing"], shop.key())


@contextmanager
def first_held_up(buyer: Buyer) -> Iterator[Future[Said]]:
    """The first request, held up by a lock on its customer until the block ends."""
    with ThreadPoolExecutor(1) as pool:
        with held(buyer.user):
            first = pool.submit(buyer.send)
            wait_for_waiting(1)
            yield first
        first.result(timeout=SECONDS)


def wait_for_waiting(count: int) -> None:
    """Wait until so many sessions wait for a lock."""
    end = time.monotonic() + SECONDS
    while True:
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            if cursor.fetchone() == (count,):
                return
        assert time.monotonic() < end, "nobody waits"
        time.sleep(0.01)


def fingerprint_of(buyer: Buyer) -> str:
    """The fingerprint of the buyer's request."""
    request: Any = SimpleNamespace(method="POST", path=PATH, data=buyer.body)
    return fingerprint(request, buyer.user.id)


def nothing(redis: OwnRedis) -> None:
    """All is well."""


@pytest.mark.parametrize("when", [0, 4], ids=["before", "midway"])
@pytest.mark.parametrize("outage", [nothing, *OUTAGES.values()], ids=["well", *OUTAGES])
def test_twenty_equal_requests_make_one_order_and_one_answer(
    shop: Shop, redis: OwnRedis, buyer: Buyer, outage: Callable[[OwnRedis], None], when: int
) -> None:
    with ThreadPoolExecutor(8) as pool:
        sent: list[Future[Said]] = []
        for number in range(TIMES):
            if number == when:
                if sent:
                    sent[0].result()
                outage(redis)
            sent.append(pool.submit(buyer.send))
        answers = [one.result() for one in sent]

    assert {(one.status, one.body) for one in answers} == {(201, answers[0].body)}
    assert [one.replayed for one in answers].count(False) == 1
    assert Order.objects.count() == 1
    assert shop.inventory(Order.objects.get().items.get().variant) == (5, 1)
    shop.audit()


def test_the_database_alone_keeps_twenty_from_acting_twice(
    redis: OwnRedis, buyer: Buyer, settings: Settings
) -> None:
    settings.IDEMPOTENCY_LEASE_SECONDS = 0.0  # everybody is let in at once
    redis.kill()

    with ThreadPoolExecutor(8) as pool:
        answers = [one.result() for one in [pool.submit(buyer.send) for _ in range(TIMES)]]

    assert {(one.status, one.body) for one in answers} == {(201, answers[0].body)}
    assert Order.objects.count() == 1


def test_a_repetition_is_told_to_wait_while_the_first_is_held_up(
    buyer: Buyer, settings: Settings
) -> None:
    settings.IDEMPOTENCY_WAIT_SECONDS = 0.1
    settings.RETRY_AFTER_SECONDS = 7
    with first_held_up(buyer) as first:
        early = buyer.send()
    late = buyer.send()

    assert (early.status, early.code, early.retry_after) == (409, "request_in_progress", "7")
    assert first.result().status == 201
    assert (late.status, late.body, late.replayed) == (201, first.result().body, True)
    assert Order.objects.count() == 1


def test_a_repetition_waits_for_the_first_and_answers_the_same(
    buyer: Buyer, settings: Settings
) -> None:
    settings.IDEMPOTENCY_WAIT_SECONDS = float(SECONDS)
    with ThreadPoolExecutor(1) as pool:
        with first_held_up(buyer) as first:
            second = pool.submit(buyer.send)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.2)

        assert (first.result().status, first.result().replayed) == (201, False)
        assert second.result() == Said(201, first.result().body, replayed=True)


def test_another_request_is_refused_while_the_first_is_held_up(buyer: Buyer) -> None:
    with first_held_up(buyer):
        other = buyer.send(expected_total="1.00")

    assert (other.status, other.code) == (422, "key_reused")


def test_the_dead_hold_nobody_up_for_longer_than_their_lease(
    buyer: Buyer, settings: Settings
) -> None:
    settings.IDEMPOTENCY_WAIT_SECONDS = 0.0
    died = RequestInFlight.objects.create(
        id=request_id(buyer.user.id, buyer.key),
        fingerprint=fingerprint_of(buyer),
        token=uuid.uuid4(),
        expires_at=timezone.now() + timedelta(hours=1),
    )
    early = buyer.send()
    RequestInFlight.objects.filter(pk=died.pk).update(expires_at=timezone.now())

    late = buyer.send()

    assert (early.status, early.code) == (409, "request_in_progress")
    assert (late.status, late.replayed) == (201, False)
    assert RequestInFlight.objects.count() == 0


def test_one_that_lost_its_lease_ends_nobody_elses(buyer: Buyer, settings: Settings) -> None:
    settings.IDEMPOTENCY_LEASE_SECONDS = 0.0
    with ThreadPoolExecutor(1) as pool:
        with first_held_up(buyer) as first:
            second = pool.submit(buyer.send)
            wait_for_waiting(2)
            third = uuid.uuid4()
            RequestInFlight.objects.update(token=third)

        assert second.result().body == first.result().body
    assert Order.objects.count() == 1
    assert RequestInFlight.objects.get().token == third


def test_a_refusal_leaves_nobody_under_way(buyer: Buyer, settings: Settings) -> None:
    settings.IDEMPOTENCY_WAIT_SECONDS = 0.0

    refused = buyer.send(expected_total="1.00")
    placed = buyer.send()

    assert (refused.status, refused.code) == (409, "quote_changed")
    assert (placed.status, placed.replayed) == (201, False)
    assert RequestInFlight.objects.count() == 0


def test_what_is_under_way_is_forgotten_with_a_crash_of_the_server(shop: Shop) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relpersistence FROM pg_class WHERE relname = %s", ["requests_in_flight"]
        )
        assert cursor.fetchone() == ("u",)
