"""The gateway: the one place that issues CALL, and what becomes of each way a call can end.

A call runs in autocommit on the primary database; its answer is the row of INOUT parameters.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from commerce.core.arguments import adapt
from commerce.core.errors import ProblemError
from commerce.core.json_text import loads
from commerce.core.metrics import CALLS
from commerce.core.reviewed.signature import Signature, signature

logger = logging.getLogger("commerce.procedures")

REFUSAL = "SH"  # SQLSTATE class of the shop's own refusals; the HTTP status follows
CONFLICTS = frozenset({"40001", "40P01"})  # serialisation failure, deadlock: rolled back whole
LOCK_TIMEOUT = "55P03"
INTERRUPTED = frozenset({"57014", "57P01", "57P02", "57P05"})
CONNECTION_CLASS = "08"
LEVELS = MappingProxyType(
    {"ok": logging.INFO, "refused": logging.INFO, "error": logging.ERROR},
)


class CallInsideTransaction(RuntimeError):
    """A procedure commits, so it cannot be called inside `atomic()`; call it before or after."""


class ProcedureError(ProblemError):
    """The procedure refused: nothing was changed, unless the refusal itself is remembered."""


class TemporarilyUnavailable(ProblemError):
    """Nothing happened and the same call may succeed in a moment."""


class OutcomeUnknown(ProblemError):
    """The call may or may not have committed; only a repetition with the same key can tell."""


class NotConnected(OperationalError):
    """The database could not be reached: the statement was never sent."""


class Result(Mapping[str, Any]):
    """The INOUT row of a call, by key or attribute, the `o_` prefix left out."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Any]) -> None:
        object.__setattr__(self, "_values", MappingProxyType(dict(values)))

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __getattr__(self, name: str) -> Any:
        try:
            return self._values[name]
        except KeyError:
            raise AttributeError(f"The procedure answers no {name!r}.") from None

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("The answer of a procedure is read-only.")

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Result({', '.join(self._values)})"


class Verdict(NamedTuple):
    """What a failed attempt means: what to raise in the end, and whether to try again first."""

    outcome: str
    failure: Exception
    repeat: bool


def call(name: str, **params: object) -> Result:
    """Runs the reviewed procedure `name` with its `p_` parameters and returns its answer.

    Raises ProcedureError for a refusal, TemporarilyUnavailable when nothing happened,
    OutcomeUnknown when nobody can tell, CallInsideTransaction inside `atomic()`.
    """
    declared = signature(name)
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.in_atomic_block:
        raise CallInsideTransaction(f"{name} commits by itself: call it outside atomic().")
    statement, values = _statement(declared, adapt(declared, params))
    keyed = params.get("p_key") is not None
    attempts: int = settings.PROCEDURE_ATTEMPTS
    for attempt in range(1, attempts + 1):
        started = time.perf_counter()
        try:
            result = _execute(connection, declared, statement, values)
        except (DatabaseError, InterfaceError) as error:
            verdict = _judge(error, keyed=keyed)
            _log(name, started, attempt, verdict.outcome, _sqlstate(error))
            if verdict.outcome == "unknown":
                connection.close()
            if verdict.failure is error:
                raise
            if not verdict.repeat or attempt == attempts:
                raise verdict.failure from error
            _pause(attempt)
        else:
            _log(name, started, attempt, "ok")
            return result
    raise AssertionError("PROCEDURE_ATTEMPTS must be at least 1.")


def _statement(declared: Signature, given: Mapping[str, object]) -> tuple[str, list[object]]:
    known = declared.known
    arguments = ", ".join(f"{name} => %s::{known[name].type}" for name in given)
    return f"CALL {declared.name}({arguments})", list(given.values())


def _execute(
    connection: BaseDatabaseWrapper, declared: Signature, statement: str, values: list[Any]
) -> Result:
    try:
        if connection.connection is not None and connection.connection.closed:
            connection.close()
        connection.ensure_connection()
    except DatabaseError as error:
        raise NotConnected(str(error)) from error
    if not connection.get_autocommit():
        raise CallInsideTransaction("A procedure commits by itself: autocommit must be on.")
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return _result(declared, cursor.fetchone() if declared.answers else ())


def _result(declared: Signature, row: Sequence[Any]) -> Result:
    return Result(
        {
            name: loads(value) if is_json and isinstance(value, str | bytes) else value
            for (name, is_json), value in zip(declared.answers, row, strict=True)
        }
    )


def _judge(error: Exception, *, keyed: bool) -> Verdict:
    """The table of outcomes by SQLSTATE; an unknown outcome is never reported as a failure."""
    state = _sqlstate(error)
    retry_after: int = settings.RETRY_AFTER_SECONDS
    busy = TemporarilyUnavailable("temporarily_unavailable", retry_after=retry_after)
    if state.startswith(REFUSAL):
        return Verdict("refused", _refusal(error, state), repeat=False)
    if state in CONFLICTS:
        return Verdict("conflict", busy, repeat=True)
    if isinstance(error, NotConnected):
        return Verdict("unreachable", busy, repeat=True)
    if state == LOCK_TIMEOUT:
        return Verdict("lock_timeout", busy, repeat=False)
    lost = not state and isinstance(error, OperationalError | InterfaceError)
    if lost or state in INTERRUPTED or state.startswith(CONNECTION_CLASS):
        unknown = OutcomeUnknown("outcome_unknown", retry_after=retry_after)
        return Verdict("unknown", unknown, repeat=keyed)
    return Verdict("error", error, repeat=False)


def _refusal(error: Exception, state: str) -> ProcedureError:
    diagnostics = error.__cause__.diag if isinstance(error.__cause__, psycopg.Error) else None
    code = (diagnostics and diagnostics.message_primary) or "internal_error"
    detail = diagnostics and diagnostics.message_detail
    context = loads(detail) if detail else {}
    wait = context.get("retry_after_seconds") if isinstance(context, dict) else None
    return ProcedureError(
        code,
        status=int(state.removeprefix(REFUSAL)),
        context=context if isinstance(context, dict) else {"detail": context},
        retry_after=wait if isinstance(wait, int) else None,
    )


def _sqlstate(error: Exception) -> str:
    cause = error.__cause__
    return (cause.sqlstate or "") if isinstance(cause, psycopg.Error) else ""


def _pause(attempt: int) -> None:
    longest = settings.PROCEDURE_RETRY_SECONDS * 2**attempt
    time.sleep(random.SystemRandom().uniform(longest / 2, longest))


def _log(name: str, started: float, attempt: int, outcome: str, sqlstate: str = "") -> None:
    """One line per attempt; never a parameter's value. Unexpected errors carry their trace."""
    seconds = time.perf_counter() - started
    CALLS.labels(name, outcome).observe(seconds)
    logger.log(
        LEVELS.get(outcome, logging.WARNING),
        "procedure %s: %s",
        name,
        outcome,
        exc_info=outcome == "error",
        extra={
            "procedure": name,
            "outcome": outcome,
            "sqlstate": sqlstate,
            "attempt": attempt,
            "duration_ms": round(seconds * 1000, 3),
        },
    )
