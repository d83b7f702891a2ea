"""While something is broken its line is written whole once in a while, and counted otherwise."""

from __future__ import annotations

import gc
import io
import json
import logging
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client import REGISTRY as METRICS

from commerce.core import logs
from commerce.core.logs import MANY_KINDS, CalmHandler, JsonFormatter


class Written:
    """A handler of a test's own, its lines, and the clock that it goes by."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 0.0
        monkeypatch.setattr(logs, "clock", lambda: self.seconds)
        self.stream = io.StringIO()
        self.handler = CalmHandler(seconds=5.0, calmed=["commerce.problems"])
        self.handler.setStream(self.stream)
        self.handler.setFormatter(JsonFormatter())

    def log(self, message: str, name: str = "commerce.problems", **more: Any) -> None:
        """Write one line."""
        record = {"msg": message, "name": name, "levelno": logging.ERROR, "levelname": "ERROR"}
        self.handler.handle(logging.makeLogRecord(record | more))

    @property
    def lines(self) -> list[tuple[str, int | None]]:
        """What was written: messages, and how often each was repeated."""
        entries = [json.loads(line) for line in self.stream.getvalue().splitlines()]
        return [(one["message"], one.get("repeated")) for one in entries]


class Lost(Exception):
    """A failure that can be looked for in memory."""


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[Written]:
    """A handler, closed in the end."""
    made = Written(monkeypatch)
    yield made
    made.handler.close()


def test_same_error_is_written_once_and_then_counted(written: Written) -> None:
    before = METRICS.get_sample_value("log_lines_repeated_total", {"logger": "commerce.problems"})
    # given an outage in which every request fails alike
    for _ in range(1000):
        written.log("database unavailable")
    assert written.lines == [("database unavailable", None)]
    # when its time is over and something else is said
    written.seconds = 5.0
    written.log("another matter")
    # then one line tells of the rest
    assert written.lines[1:] == [("database unavailable (again)", 999), ("another matter", None)]
    after = METRICS.get_sample_value("log_lines_repeated_total", {"logger": "commerce.problems"})
    assert (after or 0) - (before or 0) == 999


def test_error_is_written_whole_again_after_its_time(written: Written) -> None:
    written.log("database unavailable")
    written.seconds = 5.0
    written.log("database unavailable")
    assert written.lines == [("database unavailable", None)] * 2


def test_other_errors_are_written_meanwhile(written: Written) -> None:
    written.log("unhandled error", exc_info=(KeyError, KeyError("a"), None))
    written.log("unhandled error", exc_info=(ValueError, ValueError("b"), None))
    written.log("unhandled error", levelno=logging.WARNING)
    assert len(written.lines) == 3


def test_lines_of_single_rows_are_all_written(written: Written) -> None:
    for row in range(3):
        written.log("invariant broken", name="commerce.audit", row=row)
    assert len(written.lines) == 3


def test_news_are_all_written(written: Written) -> None:
    for _ in range(3):
        written.log("procedure add_to_cart: refused", levelno=logging.INFO)
    assert len(written.lines) == 3


def test_errors_that_a_stranger_makes_up_are_counted_together(written: Written) -> None:
    for number in range(MANY_KINDS + 100):
        written.log(f"Invalid HTTP_HOST header: {number}")
    assert len(written.lines) == MANY_KINDS + 1


def test_long_error_is_remembered_by_its_beginning(written: Written) -> None:
    for number in range(3):
        written.log("Invalid HTTP_HOST header: " + "z" * 20_000 + str(number))
    (kind,) = written.handler._spells
    assert len(str(kind)) < 300
    written.handler.close()
    assert [repeated for _, repeated in written.lines] == [None, 2]
    assert written.lines[1][0] == ("Invalid HTTP_HOST header: " + "z" * 200)[:200] + " (again)"


def test_failure_is_not_held_in_memory(written: Written) -> None:
    """A traceback keeps all that its frames had in hand, the request's body for one."""
    failure = Lost()
    seen = weakref.ref(failure)
    written.log("unhandled error", exc_info=(Lost, failure, None))
    del failure
    gc.collect()
    assert len(written.lines) == 1
    assert seen() is None


def test_end_of_the_process_tells_what_was_counted(written: Written) -> None:
    written.log("database unavailable")
    written.log("database unavailable")
    written.handler.close()
    assert written.lines == [("database unavailable", None), ("database unavailable (again)", 1)]
