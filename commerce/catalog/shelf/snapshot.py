"""One picture of the database for several statements."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import NotSupportedError, transaction
from psycopg import IsolationLevel

from commerce.core.replica import reading

Read = TypeVar("Read")


def in_snapshot(read: Callable[[], Read]) -> Read:
    """What `read` finds, all its statements seeing what the first one saw.

    It is read anew, on another connection, when a migration changed a type under a prepared plan.
    """
    try:
        with _snapshot():
            return read()
    except NotSupportedError:
        connection = reading()
        if connection.in_atomic_block:
            raise
        connection.close()
        with _snapshot():
            return read()


@contextmanager
def _snapshot() -> Iterator[None]:
    """A read-only transaction that keeps to its first picture."""
    connection = reading()
    if connection.in_atomic_block:
        yield
        return
    connection.ensure_connection()
    raw = connection.connection
    raw.isolation_level, raw.read_only = IsolationLevel.REPEATABLE_READ, True
    try:
        with transaction.atomic(using=connection.alias):
            yield
    finally:
        if not raw.closed:
            raw.isolation_level, raw.read_only = None, None
