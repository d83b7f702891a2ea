"""One id runs through a request, its answer, its log lines and the jobs that it leads to."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

import pytest
from celery import Celery, shared_task
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings

from commerce.core import tracing
from commerce.core.logs import JsonFormatter

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"
MADE = re.compile(r"[0-9a-f]{32}")


@pytest.fixture
def client() -> Iterator[Client]:
    """A client of the endpoints beside this file that sees answers, not exceptions."""
    with override_settings(ROOT_URLCONF="tests.core.endpoints"):
        yield Client(raise_request_exception=False)


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ({"traceparent": f"00-{TRACE}-{SPAN}-01"}, TRACE),
        ({"traceparent": f"cc-{TRACE}-{SPAN}-01-what-comes-later"}, TRACE),
        ({"traceparent": f"00-{TRACE}-{SPAN}-01", "X-Request-ID": "app-1"}, TRACE),
        ({"traceparent": "nonsense", "X-Request-ID": "app-1"}, "app-1"),
        ({"X-Request-ID": "A.b_c-9" * 9 + "x"}, "A.b_c-9" * 9 + "x"),
    ],
)
def test_the_callers_name_is_taken_up(client: Client, headers: dict[str, str], name: str) -> None:
    answer = client.get("/nowhere", headers=headers)
    assert answer["X-Request-ID"] == name
    assert answer.json()["request_id"] == name


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"traceparent": f"00-{'0' * 32}-{SPAN}-01"},
        {"traceparent": f"00-{TRACE}-{'0' * 16}-01"},
        {"traceparent": f"ff-{TRACE}-{SPAN}-01"},
        {"traceparent": f"00-{TRACE}-{SPAN}-01-more"},
        {"traceparent": f"00-{TRACE.upper()}-{SPAN}-01"},
        {"X-Request-ID": "x" * 65},
        {"X-Request-ID": "two words"},
        {"X-Request-ID": "a\u0939"},
        {"X-Request-ID": "9845012345"},
    ],
)
def test_a_name_that_is_not_safe_is_replaced(client: Client, headers: dict[str, str]) -> None:
    answer = client.get("/nowhere", headers=headers)
    assert MADE.fullmatch(answer["X-Request-ID"])
    assert answer.json()["request_id"] == answer["X-Request-ID"]
    assert answer["X-Request-ID"] not in headers.values()


def test_every_answer_has_a_name_of_its_own(client: Client) -> None:
    answers = [client.get("/health/ready") for _ in range(3)]
    assert len({answer["X-Request-ID"] for answer in answers}) == 3


def test_lines_of_a_request_bear_its_name_and_later_ones_do_not() -> None:
    # given a view that logs
    record = logging.makeLogRecord({"msg": "at work", "name": "commerce.test"})
    lines: list[str] = []

    def view(_request: HttpRequest) -> HttpResponse:
        lines.append(JsonFormatter().format(record))
        return HttpResponse()

    # when it serves a request
    request = RequestFactory().get("/", headers={"X-Request-ID": "app-1"})
    tracing.RequestIdMiddleware(view)(request)
    lines.append(JsonFormatter().format(record))
    # then only its own line is named
    assert ['"request_id": "app-1"' in line for line in lines] == [True, False]
    assert tracing.current() == ""


def test_name_is_given_up_when_a_view_fails() -> None:
    def view(_request: HttpRequest) -> HttpResponse:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        tracing.RequestIdMiddleware(view)(RequestFactory().get("/"))
    assert tracing.current() == ""


def test_a_job_within_a_request_keeps_its_name() -> None:
    # given a job that is run on the spot
    seen: list[str] = []

    @shared_task(name="tests.core.see_name")
    def see_name() -> None:
        seen.append(tracing.current())

    def view(_request: HttpRequest) -> HttpResponse:
        see_name.apply()
        seen.append(tracing.current())
        return HttpResponse()

    # when a request runs it
    request = RequestFactory().get("/", headers={"X-Request-ID": "app-1"})
    tracing.RequestIdMiddleware(view)(request)
    # then both go by the request's name
    assert seen == ["app-1", "app-1"]


def test_a_message_carries_the_name_unless_it_has_one() -> None:
    for before, after in (({}, "app-1"), ({"request_id": "first"}, "first")):
        headers: dict[str, object] = dict(before)

        def view(_request: HttpRequest, headers: dict[str, object] = headers) -> HttpResponse:
            tracing.hand_on(headers=headers)
            return HttpResponse()

        request = RequestFactory().get("/", headers={"X-Request-ID": "app-1"})
        tracing.RequestIdMiddleware(view)(request)
        assert headers == {"request_id": after}


def test_a_job_of_the_clock_goes_by_its_own_name() -> None:
    # given a job that nobody's request asked for
    app = Celery("tests", broker="memory://", set_as_current=False)

    @app.task(name="tests.core.of_the_clock")
    def task() -> None:
        """Nothing to do."""

    task.push_request(id="job-1")
    # when it begins and ends
    tracing.take_up(task_id="job-1", task=task)
    during = tracing.current()
    tracing.put_down(task=task)
    task.pop_request()
    # then its lines bear its own id
    assert (during, tracing.current()) == ("job-1", "")
