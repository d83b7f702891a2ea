"""How far the replica is behind: an upper bound, by positions in the primary's log.

A look asks the primary how far its log goes, then the replica how far it has replayed it. What the
primary had written at an earlier look and the replica has replayed since is visible there, so the
lag is at most the time since that look. Clocks of two machines are never compared.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from math import inf
from threading import Lock

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, connections
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from commerce.core.breaker import circuit
from commerce.core.replica.routing import REPLICA, configured, on_replica, reading

WRITTEN = """
SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint,
       extract(epoch FROM clock_timestamp())::float8
"""
REPLAYED = """
SELECT pg_is_in_recovery(), pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint,
       extract(epoch FROM pg_last_xact_replay_timestamp())::float8
"""
PAGE_HEADER = 24  # bytes; at the end of a page the primary counts the next one's header already
LOOKS_KEPT = 64


class NoReplica(Error):
    """The server is nobody's replica: it was promoted, or the URL names the wrong one."""


class Watch:
    """What this process knows of the replica, looked at again when it is too old."""

    def __init__(self) -> None:
        self._turn = Lock()
        self.forget()

    def forget(self) -> None:
        """Know nothing."""
        self.lag, self.looked_at = inf, -inf
        self._written: deque[tuple[float, int]] = deque(maxlen=LOOKS_KEPT)

    def fresh(self, end: float) -> bool:
        """Whether a read may go there now.

        One thread at a time looks again, until `end` at the latest; the others go by what was known
        if that is not too old.
        """
        age = time.monotonic() - self.looked_at
        if age > settings.REPLICA_WATCH_SECONDS and not self.look(end):
            age = time.monotonic() - self.looked_at
            if age > 2 * settings.REPLICA_WATCH_SECONDS:
                return False
        near: bool = self.lag <= settings.REPLICA_LAG_MAX_SECONDS
        return near

    def look(self, end: float) -> bool:
        """Ask both servers; False when another thread is just doing that."""
        if not self._turn.acquire(blocking=False):
            return False
        try:
            at = time.monotonic()
            self.lag = circuit(REPLICA).ask(lambda: self._asked(at, end), inf, slow=inf)
            self.looked_at = time.monotonic()
        finally:
            self._turn.release()
        return True

    def _asked(self, at: float, end: float) -> float:
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(WRITTEN)
            written, clock = cursor.fetchone()
        with on_replica(end), reading().cursor() as cursor:
            cursor.execute(REPLAYED)
            following, replayed, last_replayed = cursor.fetchone()
            if not following:
                raise NoReplica("it does not follow a primary")
        replayed += PAGE_HEADER
        seen = max((when for when, position in self._written if position <= replayed), default=-inf)
        self._written.append((at, written))
        if replayed >= written:
            return 0.0
        by_commits = inf if last_replayed is None else max(clock - last_replayed, 0.0)
        return min(at - seen, by_commits)


WATCH = Watch()


def deadline() -> float:
    """When a read that begins now must have its answer from the replica."""
    end: float = time.monotonic() + settings.REPLICA_TIMEOUT_SECONDS
    return end


def state() -> str:
    """What is wrong with the replica in a few words; nothing when reads go to it."""
    if not configured():
        return ""
    WATCH.look(deadline())
    if WATCH.lag == inf:
        return "does not answer as a replica; the primary serves its reads"
    if WATCH.lag > settings.REPLICA_LAG_MAX_SECONDS:
        return f"{WATCH.lag:.1f} s behind; the primary serves its reads"
    return ""


class ReplicaLag(Collector):
    """How far the replica is behind, at the time of reading; infinite when it can't be asked."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Nothing without a replica."""
        if not configured():
            return
        WATCH.look(deadline())
        yield GaugeMetricFamily(
            "replica_lag_seconds", "At most so far is the replica behind.", WATCH.lag
        )
