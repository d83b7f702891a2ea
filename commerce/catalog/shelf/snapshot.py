"""One picture of the database for several statements."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import transaction
from psycopg import IsolationLevel

from commerce.core import prepared
from commerce.core.replica import reading

Read = TypeVar("Read")


def in_snapshot(read: Callable[[], Read]) -> Read:
    """What `read` finds, all its statements seeing what the first one saw."""

    def whole() -> Read:
        with _snapshot():
            return read()

    return prepared.planned_anew(whole, reading().alias)


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
