"""A public read: put to the replica while that is well and fresh, else to the primary.

For what is nobody's own: catalogue, search, pincodes. A person's own data, and everything that a
mutation reads back, is read without this, from the primary, so that own writes are always seen.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from math import inf
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import Error
from prometheus_client import Counter

from commerce.core.breaker import circuit
from commerce.core.replica.lag import WATCH, deadline
from commerce.core.replica.routing import REPLICA, configured, on_replica, on_the_replica

SERVED = Counter("public_reads", "Reads that may go to the replica, by who answered.", ["server"])
Answer = TypeVar("Answer")
View = TypeVar("View", bound=Callable[..., Any])


class _Found(NamedTuple, Generic[Answer]):
    """An answer, or the refusal that is one: "there is no such product" is no fault of a server."""

    answer: Answer | None
    refusal: Exception | None = None


def read(question: Callable[[], Answer]) -> Answer:
    """The answer of `question`, which only reads and may be asked twice.

    Whatever goes wrong on the replica, the primary is asked instead, at the cost of
    `REPLICA_TIMEOUT_SECONDS` at most.
    """
    if not configured() or on_the_replica():
        return question()
    end = deadline()
    if not WATCH.fresh(end):
        SERVED.labels("primary").inc()
        return question()
    found = circuit(REPLICA).ask(lambda: _asked(question, end), None, slow=inf)
    if found is None:
        SERVED.labels("primary instead").inc()
        return question()
    SERVED.labels(REPLICA).inc()
    if found.refusal is not None:
        raise found.refusal
    return found.answer  # type: ignore[return-value]


def from_replica(view: View) -> View:
    """Let the read that a view's method is be a public one."""

    @wraps(view)
    def reading(*arguments: Any, **named: Any) -> Any:
        return read(lambda: view(*arguments, **named))

    return reading  # type: ignore[return-value]


def _asked(question: Callable[[], Answer], end: float) -> _Found[Answer]:
    with on_replica(end):
        try:
            return _Found(question())
        except Error:
            raise
        except Exception as refusal:  # the caller's to judge, wherever it was read
            return _Found(None, refusal)
