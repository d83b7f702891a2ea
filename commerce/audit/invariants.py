"""Reads the books: every pass of the audit in one snapshot, large books over several connections.

The first connection exports its snapshot and the others adopt it, so that all of them see the same
moment. They share a list of passes; whichever is free takes the next.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import timedelta
from queue import Empty, SimpleQueue
from typing import NamedTuple

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from commerce.audit.promises import Pass, Violation, invariants, passes

# Below so many order lines a second connection costs more than it saves
LARGE = 50_000
# The longest first, so that no connection is left alone with one at the end
LONGEST = (
    "coupon_shares_add_up",
    "order_history_is_legal",
    "payment_status_follows_money",
    "sold_equals_consumed",
    "captures_have_a_home",
    "outbox_moves",
)
BEGIN = """
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;
SET LOCAL statement_timeout = 0;  -- large books take their time
SET LOCAL jit = off;  -- compiling takes longer than it saves
SET LOCAL work_mem = '256MB';  -- so that a million lines are grouped without temporary files
SET LOCAL max_parallel_workers_per_gather = 0;  -- the connections share the work instead
-- a number nobody could know before, by which checks weigh rows
SELECT set_config('audit.seed', (random() * 9e18)::bigint::text, TRUE);
"""
# Without a given grace, the time in which the database was down is no job's fault
OVERDUE_SINCE_START = """
SELECT set_config('audit.overdue_before', CASE
    WHEN pg_postmaster_start_time() < granted THEN granted::text ELSE '-infinity' END, TRUE)
FROM (SELECT now() - make_interval(secs => %s) AS granted) g
"""
OVERDUE = """
SELECT set_config('audit.overdue_before', (now() - make_interval(secs => %s))::text, TRUE)
"""
SIZE = "SELECT reltuples FROM pg_class WHERE oid = 'order_items'::regclass"


class Reading(NamedTuple):
    """What a pass found and how long it took, in seconds."""

    done: Pass
    found: list[Violation]
    seconds: float


def violations(grace: timedelta | None = None) -> list[Violation]:
    """Every row that breaks an invariant, by invariant; see `readings`."""
    return sorted(one for reading in readings(grace) for one in reading.found)


def readings(grace: timedelta | None = None) -> list[Reading]:
    """Every pass, all seen in one snapshot that nothing can write to.

    `grace` is how long a job may leave what is due undone. Without it that is
    AUDIT_GRACE_SECONDS, and none of it passes while the database is down.
    """
    waiting: SimpleQueue[Pass] = SimpleQueue()
    for one in sorted(passes(invariants()), key=_longest_first):
        waiting.put(one)
    first = connections[DEFAULT_DB_ALIAS]
    with transaction.atomic(using=DEFAULT_DB_ALIAS, durable=True), first.cursor() as cursor:
        cursor.execute(BEGIN)
        if grace is None:
            cursor.execute(OVERDUE_SINCE_START, [settings.AUDIT_GRACE_SECONDS])
        else:
            cursor.execute(OVERDUE, [grace.total_seconds()])
        overdue = cursor.fetchone()[0]
        cursor.execute(SIZE)
        others = settings.AUDIT_CONNECTIONS - 1 if cursor.fetchone()[0] > LARGE else 0
        if not others:
            return _read(cursor, waiting)
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        with ThreadPoolExecutor(others) as helpers:
            helping = [
                helpers.submit(_help, first, snapshot, overdue, waiting) for _ in range(others)
            ]
            own = _read(cursor, waiting)
            return own + [reading for helper in helping for reading in helper.result()]


def _longest_first(one: Pass) -> int:
    name = one.invariants[0]
    return LONGEST.index(name) if name in LONGEST else len(LONGEST)


def _help(
    first: BaseDatabaseWrapper, snapshot: str, overdue: str, waiting: SimpleQueue[Pass]
) -> list[Reading]:
    """Take passes over a connection of its own that sees what the first one sees."""
    with _another(first) as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SET TRANSACTION SNAPSHOT %s", [snapshot])
        cursor.execute(BEGIN)
        cursor.execute("SELECT set_config('audit.overdue_before', %s, TRUE)", [overdue])
        return _read(cursor, waiting)


@contextmanager
def _another(first: BaseDatabaseWrapper) -> Iterator[CursorWrapper]:
    with closing(first.copy()) as connection, connection.cursor() as cursor:
        yield cursor


def _read(cursor: CursorWrapper, waiting: SimpleQueue[Pass]) -> list[Reading]:
    done: list[Reading] = []
    while True:
        try:
            one = waiting.get_nowait()
        except Empty:
            return done
        started = time.monotonic()
        cursor.execute(one.sql)
        found = sorted(Violation(*row) for row in cursor.fetchall())
        done.append(Reading(one, found, time.monotonic() - started))
