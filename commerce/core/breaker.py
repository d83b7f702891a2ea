"""What the shop can do without is asked through a circuit breaker, and never waited for twice.

Redis is speed here, never truth: a server that is gone, hung, slow or full answers a default. The
first failures open the circuit, from then on nobody asks, and every few seconds one caller tries
again. Each process has its own circuits; `/metrics` and `/health/ready` show them.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import cache
from threading import Lock, local
from typing import Any, TypeVar, cast

import pybreaker
from django.conf import settings
from django_redis import get_redis_connection
from prometheus_client import Counter, Gauge
from redis import Redis
from redis.exceptions import ResponseError

from commerce.core.tracing import current

logger = logging.getLogger("commerce.breaker")

Answer = TypeVar("Answer")
CACHE, QUEUE = "redis", "broker"
IN_VAIN_SECONDS = 1.0  # ids of requests may be a client's own and come again
_in_vain = local()
OPEN = Gauge(
    "circuit_open", "1 while nobody asks.", ["server"], multiprocess_mode="livemax"
)  # half-open counts as open: it is not known to be well
ASKED = Counter("circuit_requests", "How questions to a server went.", ["server", "outcome"])


class _Slow(Exception):
    """An answer came, but so late that it cost more than it saved."""


class _Told(pybreaker.CircuitBreakerListener):
    """Shows each change of a circuit in the log and in the metrics."""

    def state_change(self, cb: Any, old_state: Any, new_state: Any) -> None:
        """Say it once per change."""
        closed = new_state.name == pybreaker.STATE_CLOSED
        OPEN.labels(cb.name).set(not closed)
        level = logging.INFO if closed else logging.WARNING
        logger.log(level, "circuit %s", new_state.name, extra={"server": cb.name})


class Circuit:
    """One server that is asked while it answers, and left alone for a while when it doesn't."""

    def __init__(self, server: str) -> None:
        self.server = server
        self.breaker = pybreaker.CircuitBreaker(
            name=server,
            fail_max=settings.BREAKER_FAILURES,
            reset_timeout=settings.BREAKER_SECONDS,
            exclude=[ResponseError],  # "out of memory" is an answer, and a quick one
            listeners=[_Told()],
            throw_new_error_on_trip=False,
        )
        self.trying = Lock()
        OPEN.labels(server).set(0)

    @property
    def state(self) -> str:
        """`closed`, `open` or `half-open`."""
        return str(self.breaker.current_state)

    def ask(
        self, question: Callable[[], Answer], default: Answer, slow: float | None = None
    ) -> Answer:
        """The answer, or `default` when there is none to be had quickly; never an exception.

        An answer later than `slow` seconds counts against the server (`BREAKER_SLOW_SECONDS`).
        """
        slow = settings.BREAKER_SLOW_SECONDS if slow is None else slow
        if self.state == pybreaker.STATE_CLOSED:
            return self._asked(question, default, slow)
        if not self.trying.acquire(blocking=False):
            return default  # one caller at a time finds out whether it is back
        try:
            return self._asked(question, default, slow)
        finally:
            self.trying.release()

    def _asked(self, question: Callable[[], Answer], default: Answer, slow: float) -> Answer:
        answer, outcome = default, "ok"
        try:
            with self.breaker.calling():
                started = time.monotonic()
                answer = question()
                if time.monotonic() - started > slow:
                    raise _Slow
        except _Slow:
            outcome = "slow"
        except pybreaker.CircuitBreakerError:
            outcome = "not asked"
        except Exception as error:  # whatever it is, the shop does without
            outcome = "refused" if isinstance(error, ResponseError) else "failed"
            logger.warning("%s", outcome, extra={"server": self.server, "error": _named(error)})
        ASKED.labels(self.server, outcome).inc()
        return answer


def _named(error: Exception) -> str:
    """The kind of an error; its text may hold what was to be stored."""
    return type(error).__name__


@cache
def circuit(server: str) -> Circuit:
    """This process's circuit to a server."""
    return Circuit(server)


def ask_redis(question: Callable[[Redis], Answer], default: Answer) -> Answer:
    """Ask the cache server for what is only quicker there; `default` when it can't be asked.

    A request that has waited for it in vain doesn't wait again, whoever asks on its behalf.
    """
    request = current()
    if request and getattr(_in_vain, "request", "") == request and time.monotonic() < _in_vain.end:
        return default
    nothing: Any = object()
    answer = circuit(CACHE).ask(
        lambda: question(cast("Redis", get_redis_connection("default"))), nothing
    )
    if answer is not nothing:
        return cast("Answer", answer)
    _in_vain.request, _in_vain.end = request, time.monotonic() + IN_VAIN_SECONDS
    return default
