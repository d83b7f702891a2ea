"""One id for all that a request sets off: its answer, its log lines, and the jobs it leads to.

A caller who traces already hands on its own id, by W3C's `traceparent` or by `X-Request-ID`; who
doesn't is given one.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from celery.signals import before_task_publish, task_postrun, task_prerun
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from commerce.core.redaction import redacted

HEADER = "X-Request-ID"
CARRIED = "request_id"  # the header of a job's message
TRACEPARENT = re.compile(
    r"(?:00-{ids}|(?!00|ff)[0-9a-f]{{2}}-{ids}(?:-.*)?)".format(
        ids=r"(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
    )
)
TRACE_ID = slice(3, 35)
SAFE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

_current: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    """The id of the request or job at hand; empty outside of any."""
    return _current.get()


def made() -> str:
    """A fresh id in the form of a W3C trace id."""
    return secrets.token_hex(16)


def asked_for(request: HttpRequest) -> str:
    """The id that the caller goes by, empty when it has none or one that is not safe to repeat."""
    traceparent = request.META.get("HTTP_TRACEPARENT", "")
    if TRACEPARENT.fullmatch(traceparent):
        return str(traceparent[TRACE_ID])
    given = request.META.get("HTTP_X_REQUEST_ID", "")
    if SAFE_ID.fullmatch(given) and redacted(given) == given:  # a phone number is no id
        return str(given)
    return ""


class RequestIdMiddleware:
    """Outermost: names the request, and says the name in the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The response with its `X-Request-ID`."""
        name = asked_for(request) or made()
        before = _current.set(name)
        try:
            response = self.get_response(request)
        finally:
            _current.reset(before)
        response.headers[HEADER] = name
        return response


@before_task_publish.connect  # type: ignore[untyped-decorator]  # Celery has no types
def hand_on(headers: dict[str, Any] | None = None, **_rest: Any) -> None:
    """Send the id along with a job."""
    if headers is not None and (name := current()):
        headers.setdefault(CARRIED, name)


@task_prerun.connect  # type: ignore[untyped-decorator]
def take_up(task_id: str = "", task: Any = None, **_rest: Any) -> None:
    """Work under the id of whoever asked for the job, or under the job's own."""
    if not task.request.is_eager:  # else it runs within the request itself
        _current.set(task.request.get(CARRIED) or task_id)


@task_postrun.connect  # type: ignore[untyped-decorator]
def put_down(task: Any = None, **_rest: Any) -> None:
    """The next job is another matter."""
    if not task.request.is_eager:
        _current.set("")
