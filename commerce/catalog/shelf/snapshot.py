"""One picture of the database for several statements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from psycopg import IsolationLevel

from commerce.core.replica import reading


@contextmanager
def snapshot() -> Iterator[None]:
    """A read-only transaction whose statements all see what the first one saw."""
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
