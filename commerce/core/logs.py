"""Structured logs: one JSON object a line, named after its request, without personal data.

While something is broken every request says so: of such lines the handler writes one whole every
few seconds and counts the others.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from time import monotonic as clock
from typing import Any

from prometheus_client import Counter

from commerce.core.redaction import redacted, without_personal
from commerce.core.tracing import current

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
REPEATED = Counter("log_lines_repeated", "Lines counted instead of written.", ["logger"])
MANY_KINDS = 200
KIND_LENGTH = 200  # characters of a message that tell its kind
NAMED_REQUESTS = 20


class JsonFormatter(logging.Formatter):
    """Formats a record as JSON; what was passed as `extra` becomes fields of its own."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line of JSON, times in UTC."""
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": redacted(record.getMessage()),
        }
        fields = _extras(record)
        if request_id := fields.pop("request_id", current()):
            entry["request_id"] = request_id
        entry |= {name: without_personal(value, name) for name, value in fields.items()}
        if record.exc_info:
            entry["exception"] = redacted(self.formatException(record.exc_info))
        return json.dumps(entry, default=str, ensure_ascii=False)


def _extras(record: logging.LogRecord) -> dict[str, Any]:
    """The record's own fields; a job's line names the job, not what it was given."""
    fields = {name: value for name, value in vars(record).items() if name not in _STANDARD}
    fields.pop("request", None)  # Django's: its text holds the query string
    job = fields.pop("data", None)
    if isinstance(job, dict):
        fields |= {"job": job.get("name"), "job_id": job.get("id")}
    return fields


class _Spell:
    """A time during which one kind of line is only counted."""

    def __init__(self, record: logging.LogRecord, end: float) -> None:
        self.end = end
        self.said = {
            "name": record.name,
            "levelno": record.levelno,
            "levelname": record.levelname,
            "msg": f"{redacted(record.getMessage())[:KIND_LENGTH]} (again)",
        }
        self.times = 0
        self.first_request = current()
        self.requests: list[str] = []


class CalmHandler(logging.StreamHandler[Any]):
    """Writes lines; warnings and errors of `calmed` loggers that say the same are counted.

    The first is written whole; `seconds` later one line says how often it came again, and in which
    requests. Loggers that speak of one row each must not be calmed: their lines look alike.
    """

    def __init__(self, seconds: float = 5.0, calmed: Sequence[str] = ()) -> None:
        super().__init__()
        self._seconds = seconds
        self._calmed = tuple(calmed)
        self._spells: dict[tuple[object, ...], _Spell] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Write or count it; logging holds the handler's lock."""
        now = clock()
        for summary in self._ended(now):
            super().emit(summary)
        if not self._may_repeat(record):
            super().emit(record)
            return
        kind = _kind(record)
        if kind not in self._spells and len(self._spells) >= MANY_KINDS:
            kind = (record.name, record.levelno)  # a stranger makes them up
        spell = self._spells.get(kind)
        if spell is None:
            self._spells[kind] = _Spell(record, now + self._seconds)
            super().emit(record)
            return
        spell.times += 1
        REPEATED.labels(record.name).inc()
        if len(spell.requests) < NAMED_REQUESTS and (request_id := current()):
            spell.requests.append(request_id)

    def close(self) -> None:
        """Say what was counted to the last."""
        self.acquire()
        try:
            for summary in self._ended(float("inf")):
                super().emit(summary)
        finally:
            self.release()
        super().close()

    def _may_repeat(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING and record.name.startswith(self._calmed)

    def _ended(self, now: float) -> Iterator[logging.LogRecord]:
        over = [kind for kind, spell in self._spells.items() if spell.end <= now]
        for spell in [self._spells.pop(kind) for kind in over]:
            if spell.times:
                yield _summary(spell)


def _kind(record: logging.LogRecord) -> tuple[object, ...]:
    """What two lines must have alike to be the same: all but the figures of the moment."""
    failure = record.exc_info[0] if record.exc_info else None
    return record.name, record.levelno, record.getMessage()[:KIND_LENGTH], failure


def _summary(spell: _Spell) -> logging.LogRecord:
    """A line that stands for those that were counted."""
    counted = {
        "request_id": spell.first_request,
        "repeated": spell.times,
        "requests": spell.requests,
    }
    return logging.makeLogRecord({**spell.said, **counted})
