"""Shows which rows a call locks, and lets calls run at the same moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any

import psycopg
import pytest
from django.db import connection, connections, models

from commerce.core.procedures import Result, TemporarilyUnavailable, call

# The weakest lock that makes the procedure's own wait and lets a foreign key's pass
HOLDS = {"users": "SHARE", "carts": "SHARE"}
STRONG = "KEY SHARE"
PATIENCE = "150ms"


@contextmanager
def held(row: models.Model) -> Iterator[None]:
    """Another transaction holds the row: `SELECT … FOR UPDATE` waits, foreign keys do not.

    A user or cart is held so that `FOR NO KEY UPDATE` waits, since that is how these are locked.
    """
    table = row._meta.db_table
    with psycopg.connect(**connection.get_connection_params()) as other:
        strength = HOLDS.get(table, STRONG)
        found = other.execute(
            f"SELECT id FROM {table} WHERE id = %s FOR {strength}", [row.pk]
        ).fetchone()
        assert found is not None, f"{table} has no row {row.pk} to hold"
        try:
            yield
        finally:
            other.rollback()


def assert_locks(row: models.Model, procedure: str, **params: Any) -> None:
    """Assert that the call explicitly locks the row: it gives up while another holds it."""
    with held(row), connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{PATIENCE}'")
        try:
            with pytest.raises(TemporarilyUnavailable):
                call(procedure, **params)
        finally:
            cursor.execute("RESET lock_timeout")


def at_once(*actions: Callable[[], Result]) -> list[Any]:
    """Run the calls at the same moment, each on a connection of its own.

    Returns each one's Result, or the exception that ended it.
    """
    gate = Barrier(len(actions))

    def run(action: Callable[[], Result]) -> Result | Exception:
        try:
            connection.ensure_connection()
            gate.wait(timeout=10)
            return action()
        except Exception as error:  # handed to the test, which says what it expects
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def after_waiting(action: Callable[[], Result], row: models.Model, **change: str) -> Any:
    """What the call makes of a row that another transaction holds, changes and lets go.

    Returns the call's Result, or the exception that ended it.
    """
    table, columns = row._meta.db_table, ", ".join(f"{column} = %s" for column in change)
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute(f"SELECT id FROM {table} WHERE id = %s FOR NO KEY UPDATE", [row.pk])
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(at_once, action)
            while not waiting.done() and not _blocks(other):
                time.sleep(0.01)
            assert not waiting.done(), "the call did not wait"
            other.execute(f"UPDATE {table} SET {columns} WHERE id = %s", [*change.values(), row.pk])
            other.commit()
            return waiting.result()[0]


def _blocks(other: psycopg.Connection[Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid)))",
            [other.info.backend_pid],
        )
        return bool(cursor.fetchone()[0])
