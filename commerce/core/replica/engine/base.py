"""A server that takes connections and answers nobody must not hold up a request.

libpq waits for a connection in whole seconds, two at least, and for an answer for ever; limits of
the server don't help when it is the server that hangs. So connecting is left to a thread, and each
wait for an answer ends with the time that `routing.on_replica` gave the read.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from functools import cache
from typing import Any, TypeVar

import psycopg
from django.db.backends.postgresql.psycopg_any import IsolationLevel

from commerce.core.postgresql import base
from commerce.core.replica.routing import seconds_left

CONNECTORS = 4
Value = TypeVar("Value")


class HastyConnection(psycopg.Connection[Any]):
    """A connection whose every wait ends at the deadline of the read."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """As psycopg does, with the time that is left."""
        return super().wait(gen, interval, seconds_left() if timeout is None else timeout)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, connected in time or not at all."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> HastyConnection:
        """OperationalError when the server has not let us in at the deadline."""
        self.isolation_level = IsolationLevel.READ_COMMITTED
        connecting = _connectors().submit(lambda: HastyConnection.connect(**conn_params))
        try:
            return connecting.result(seconds_left())
        except TookTooLong:
            if not connecting.cancel():
                connecting.add_done_callback(_close)
            raise psycopg.OperationalError("the replica took too long to connect") from None


@cache
def _connectors() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(CONNECTORS, thread_name_prefix="replica")


def _close(late: Future[HastyConnection]) -> None:
    """Nobody waits any more for a connection that came after the deadline."""
    if late.exception() is None:
        late.result().close()
