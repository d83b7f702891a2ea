"""Ways to let many calls meet, and how to read what became of them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import Barrier
from typing import Any

import psycopg
from django.db import connection, connections, models

from commerce.core.errors import ProblemError
from commerce.core.metrics import CALLS
from commerce.core.procedures import TemporarilyUnavailable

Action = Callable[[], Any]
THREADS = 16
SECONDS = 60
PAUSE = 7  # the advisory lock at which a paused procedure waits
WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


def outcomes(results: Iterable[Any]) -> Counter[str]:
    """How many calls succeeded, and how many were refused with which code.

    Only a refusal is an outcome: a call that was not served, or broke, fails the test.
    """
    counted: Counter[str] = Counter()
    for result in results:
        if isinstance(result, ProblemError) and not isinstance(result, TemporarilyUnavailable):
            counted[result.code] += 1
        elif isinstance(result, Exception):
            raise result
        else:
            counted["ok"] += 1
    return counted


def tried(step: Action) -> Any:
    """The step's answer, or its refusal, after which the session goes on."""
    try:
        return step()
    except ProblemError as refusal:
        return refusal


def crowd(actions: Sequence[Action], threads: int = THREADS) -> list[Any]:
    """Run the actions, in their order, by so many threads with a connection each.

    Returns each one's answer, or the exception that ended it.
    """
    waiting = iter(list(enumerate(actions)))
    gate = Barrier(threads)
    results: list[Any] = [None] * len(actions)

    def work() -> None:
        connection.ensure_connection()
        gate.wait(timeout=SECONDS)
        for place, action in waiting:
            results[place] = _outcome(action)

    with ThreadPoolExecutor(threads) as pool:
        ended = [pool.submit(_alone, work) for _ in range(threads)]
    for one in ended:
        assert one.result() is None, one.result()
    return results


def pile_up(row: models.Model, *actions: Action, prepare: str = "") -> list[Any]:
    """Let all the actions get as far as they can while another transaction holds the row.

    Once each of them waits or has ended, the row is let go. What was decided without a lock has
    been decided by then, so a missing lock shows at the first try. `prepare` is run on each
    connection before.
    """
    gate = Barrier(len(actions))

    def start(action: Action) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(prepare or "SELECT 1")
        gate.wait(timeout=SECONDS)
        return action()

    with holding(row) as let_go, ThreadPoolExecutor(len(actions)) as pool:
        going = [pool.submit(_alone, partial(start, action)) for action in actions]
        wait_until(lambda: _ended(going) + blocked() >= len(actions))
        let_go()
        return [one.result() for one in going]


def shown(race: Callable[[], bool], tries: int = 10) -> bool:
    """Whether an unprotected race goes wrong in one of so many tries.

    Without their locks two calls may also end in a deadlock: the gateway repeats the one that is
    given up, after the other, and then nothing is wrong with that try.
    """
    return any(race() for _ in range(tries))


def overtake(*actions: Action) -> list[Any]:
    """Start each action when the one before it waits or has ended, then let the first go on.

    The first is a procedure that was made to wait at a place of its text: `mutants.paused`.
    """
    with (
        _holding("SELECT pg_advisory_xact_lock(%s)", PAUSE) as let_go,
        ThreadPoolExecutor(len(actions)) as pool,
    ):
        going: list[Future[Any]] = []
        for action in actions:
            going.append(pool.submit(_alone, action))
            wait_until(lambda: _ended(going) + blocked() >= len(going))
        let_go()
        return [one.result() for one in going]


@contextmanager
def holding(row: models.Model) -> Iterator[Action]:
    """Another transaction holds the row until it is told to let go."""
    table = row._meta.db_table
    with _holding(f"SELECT FROM {table} WHERE id = %s FOR UPDATE", row.pk) as let_go:
        yield let_go


@contextmanager
def _holding(statement: str, value: object) -> Iterator[Action]:
    """Another transaction takes a lock and keeps it until it is told to let go."""
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute(statement, [value])
        yield other.rollback


def blocked() -> int:
    """How many sessions of this database wait for a lock."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return int(cursor.fetchone()[0])


def wait_until(true: Callable[[], bool]) -> None:
    """Return once it is so; fail when it never is."""
    end = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < end, "what the test waits for never happened"
        time.sleep(0.005)


def conflicts() -> float:
    """How many attempts of this process ended in a deadlock so far, repeated or not."""
    return sum(
        sample.value
        for metric in CALLS.collect()
        for sample in metric.samples
        if sample.name.endswith("_count") and sample.labels["outcome"] == "conflict"
    )


def _ended(going: Iterable[Future[Any]]) -> int:
    return sum(one.done() for one in going)


def _alone(action: Action) -> Any:
    """The action's outcome on a connection of its own."""
    try:
        return _outcome(action)
    finally:
        connections.close_all()


def _outcome(action: Action) -> Any:
    try:
        return action()
    except Exception as error:  # handed to the test, which says what it expects
        return error
