"""A server that the shop can do without costs nothing while it is gone."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from celery import current_app
from prometheus_client import REGISTRY
from pytest_django.fixtures import Settings
from redis import Redis
from redis.exceptions import ConnectionError as Lost
from rest_framework.test import APIClient

from commerce.core.breaker import CACHE, QUEUE, Circuit, ask_redis, circuit
from commerce.core.queue import handed_over
from tests.shop.outages import OwnRedis, closed_circuits, queue_at


@pytest.fixture
def fresh(settings: Settings) -> Iterator[Circuit]:
    """A circuit of a server that nobody knows, as it is set up."""
    settings.BREAKER_FAILURES = 2
    settings.BREAKER_SECONDS = 3600.0
    with closed_circuits():
        yield Circuit("some server")


def asked(server: str, outcome: str) -> float:
    """How many questions went this way."""
    labels = {"server": server, "outcome": outcome}
    return REGISTRY.get_sample_value("circuit_requests_total", labels) or 0.0


def lost() -> str:
    raise Lost("gone")


def read(redis: Redis) -> str:
    """What is stored under a name."""
    return str(redis.get("name"))


def test_a_hung_server_is_waited_for_twice_and_then_left_alone(redis: OwnRedis) -> None:
    failed, left = asked(CACHE, "failed"), asked(CACHE, "not asked")
    redis.hang()

    answers = [ask_redis(read, "without it") for _ in range(50)]

    assert set(answers) == {"without it"}
    assert circuit(CACHE).state == "open"
    assert (asked(CACHE, "failed") - failed, asked(CACHE, "not asked") - left) == (2, 48)


def test_a_server_that_is_back_is_asked_again(redis: OwnRedis) -> None:
    redis.kill()
    for _ in range(2):
        ask_redis(read, "without it")
    redis.start()
    redis.client.set("name", "well")
    circuit(CACHE).breaker.reset_timeout, before = 0, circuit(CACHE).breaker.reset_timeout

    try:
        answer = ask_redis(read, "without it")
    finally:
        circuit(CACHE).breaker.reset_timeout = before

    assert (answer, circuit(CACHE).state) == ("b'well'", "closed")


def test_one_caller_at_a_time_finds_out_whether_it_is_back(fresh: Circuit) -> None:
    for _ in range(2):
        fresh.ask(lost, "without it")
    fresh.breaker.reset_timeout = 0
    trying, others_done = threading.Event(), threading.Event()

    def patient() -> str:
        trying.set()
        assert others_done.wait(10)
        return "back"

    found: list[str] = []
    first = threading.Thread(target=lambda: found.append(fresh.ask(patient, "without it")))
    first.start()
    assert trying.wait(10)
    others = [fresh.ask(lambda: "asked", "without it") for _ in range(5)]
    others_done.set()
    first.join()

    assert (found, others) == (["back"], ["without it"] * 5)
    assert fresh.state == "closed"


def test_slow_answers_are_taken_and_count_against_the_server(
    fresh: Circuit, settings: Settings
) -> None:
    settings.BREAKER_SLOW_SECONDS = -1.0

    answers = [fresh.ask(lambda: "late", "without it") for _ in range(3)]

    assert answers == ["late", "late", "without it"]
    assert fresh.state == "open"


def test_a_full_server_is_still_asked(redis: OwnRedis) -> None:
    redis.client.set("name", "well")
    redis.fill()

    for _ in range(5):
        assert ask_redis(lambda one: one.set("another", "x"), None) is None

    assert ask_redis(read, "without it") == "b'well'"
    assert circuit(CACHE).state == "closed"


def test_a_failure_between_answers_opens_nothing(fresh: Circuit) -> None:
    for _ in range(5):
        assert fresh.ask(lost, "without it") == "without it"
        assert fresh.ask(lambda: "well", "without it") == "well"

    assert fresh.state == "closed"


def test_a_monitor_sees_an_open_circuit(redis: OwnRedis) -> None:
    redis.kill()
    for _ in range(2):
        ask_redis(read, "")

    text = APIClient().get("/metrics").content.decode()

    assert 'circuit_open{server="redis"} 1.0' in text
    assert 'circuit_requests_total{outcome="failed",server="redis"}' in text


def test_a_queue_that_hangs_is_waited_for_twice(redis: OwnRedis) -> None:
    job = "commerce.core.tasks.relay_outbox"
    with queue_at(redis.broker_url):
        assert handed_over(current_app.send_task, job)
        failed = asked(QUEUE, "failed")
        redis.hang()

        took = [handed_over(current_app.send_task, job) for _ in range(5)]

    assert took == [False] * 5
    assert asked(QUEUE, "failed") - failed == 2
