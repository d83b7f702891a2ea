"""Which database a statement goes to: the replica within `on_replica`, else the primary."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper

REPLICA = "replica"
_deadline: ContextVar[float | None] = ContextVar("_deadline", default=None)


class Router:
    """Reads of the ORM follow `on_replica`; whatever writes is the primary's, wherever it is."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        """Where the block says."""
        return REPLICA if on_the_replica() else DEFAULT_DB_ALIAS

    def db_for_write(self, model: Any, **hints: Any) -> str:
        """The primary, also for an object that was read from the replica."""
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        """Both hold the same rows."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        """What a replica has came from its primary."""
        return False if db == REPLICA else None


def configured() -> bool:
    """Whether there is a replica at all."""
    return REPLICA in connections.settings


def on_the_replica() -> bool:
    """Whether this block reads from the replica."""
    return _deadline.get() is not None


def seconds_left() -> float | None:
    """How long a statement on the replica may take now; None outside `on_replica`."""
    end = _deadline.get()
    return None if end is None else max(end - time.monotonic(), 0.0)


def reading() -> BaseDatabaseWrapper:
    """The connection that a public read puts its own SQL to."""
    return connections[REPLICA if on_the_replica() else DEFAULT_DB_ALIAS]


@contextmanager
def on_replica(end: float) -> Iterator[None]:
    """Read from the replica until `end` of the monotonic clock; nothing is waited for after it.

    A connection on which anything failed is closed: what it would answer next is not known.
    """
    before = _deadline.set(end)
    try:
        yield
    except Error:
        connections[REPLICA].close()
        raise
    finally:
        _deadline.reset(before)
