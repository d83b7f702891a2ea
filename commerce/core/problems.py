"""Turns every failure into an RFC 9457 problem document; no trace and no SQL ever leaves.

`exception_handler` serves the API's views, `ProblemMiddleware` all that fails around them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from math import ceil
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.handlers.wsgi import LimitedStream
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from rest_framework import exceptions
from rest_framework.views import set_rollback

from commerce.core.errors import BY_STATUS, REGISTRY, ProblemError, describe, field_error
from commerce.core.json_text import UNSTORABLE, dumps, escaped

logger = logging.getLogger("commerce.problems")

CONTENT_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:problem-type:"
HTML_PREFIXES = ("/admin/", "/static/")  # pages for people keep Django's own error pages
KEPT_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate")


class ProblemResponse(HttpResponse):
    """A problem document; `data` is the document before rendering."""

    def __init__(self, request: HttpRequest, problem: ProblemError) -> None:
        self.data = document(request.path, problem)
        super().__init__(dumps(self.data), status=problem.status, content_type=CONTENT_TYPE)
        if problem.retry_after is not None:
            self["Retry-After"] = str(problem.retry_after)


def document(path: str, problem: ProblemError) -> dict[str, object]:
    """The members of the problem document for a request to `path`."""
    known = describe(problem.code, problem.status)
    members: dict[str, object] = {
        "type": TYPE_PREFIX + problem.code,
        "title": known.title,
        "status": problem.status,
        "detail": problem.detail or known.cause,
        "instance": path,
        "code": problem.code,
        "human_readable_cause": known.cause,
        "suggested_action": known.action,
    }
    if problem.errors:
        members["errors"] = problem.errors
    if problem.context:
        members["context"] = problem.context
    return members


def exception_handler(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """REST framework's hook: any exception of a view becomes a problem document."""
    set_rollback()
    response = ProblemResponse(context["request"], problem_of(error))
    if challenge := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = challenge
    if isinstance(error, exceptions.MethodNotAllowed):
        response["Allow"] = ", ".join(context["view"].allowed_methods)
    return response


def problem_of(error: Exception) -> ProblemError:
    """The refusal that an exception means; what nobody foresaw is logged and becomes a 500."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, exceptions.ValidationError):
        return ProblemError("validation_failed", errors=list(field_errors(error.detail)))
    if isinstance(error, Http404):
        return ProblemError("not_found")
    if isinstance(error, PermissionDenied):
        return ProblemError("permission_denied")
    if isinstance(error, RequestDataTooBig):
        return ProblemError("body_too_large")
    if isinstance(error, exceptions.ParseError):
        return ProblemError("malformed_json")
    if isinstance(error, exceptions.APIException):
        return _of_api_exception(error)
    if isinstance(error, OperationalError | InterfaceError):
        logger.error("database unavailable", exc_info=error)
        return ProblemError("temporarily_unavailable", retry_after=settings.RETRY_AFTER_SECONDS)
    logger.error("unhandled error", exc_info=error)
    return ProblemError("internal_error")


def _of_api_exception(error: exceptions.APIException) -> ProblemError:
    code = str(error.detail.get("code", "")) if isinstance(error.detail, dict) else ""
    code = code or str(getattr(error.detail, "code", ""))
    status = error.status_code
    if code not in REGISTRY or REGISTRY[code].status != status:
        code = BY_STATUS.get(status, "bad_request" if status < 500 else "internal_error")
    wait = getattr(error, "wait", None)
    return ProblemError(code, status=status, retry_after=ceil(wait) if wait else None)


def field_errors(detail: object, pointer: str = "") -> Iterator[dict[str, str]]:
    """Each fault of a validation as `{pointer, code, detail}`; the pointer of the body is ''."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            own = name == "non_field_errors"
            yield from field_errors(inner, pointer if own else f"{pointer}/{escaped(str(name))}")
    elif isinstance(detail, list):
        for n, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            if inner:
                yield from field_errors(inner, f"{pointer}/{n}" if nested else pointer)
    else:
        yield {
            "pointer": pointer,
            "code": str(getattr(detail, "code", "invalid")),
            "detail": str(detail),
        }


class ProblemMiddleware:
    """Outermost: limits bodies, refuses unstorable text in the address, rewrites HTML errors."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The view's response, or a problem document in place of a refusal or an HTML error."""
        try:
            limit_body(request)
            refuse_unstorable_address(request)
        except ProblemError as problem:
            return ProblemResponse(request, problem)
        response = self.get_response(request)
        if response.status_code < 400 or request.path.startswith(HTML_PREFIXES):
            return response
        if response.get("Content-Type", "").startswith("application/"):
            return response
        return _rewritten(request, response)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Django's hook: a refusal raised by a view outside REST framework keeps its code."""
        if isinstance(error, ProblemError) and not request.path.startswith(HTML_PREFIXES):
            return ProblemResponse(request, error)
        return None


def _rewritten(request: HttpRequest, response: HttpResponseBase) -> ProblemResponse:
    status = response.status_code
    code = BY_STATUS.get(status, "bad_request" if status < 500 else "internal_error")
    rewritten = ProblemResponse(request, ProblemError(code, status=status))
    for header in KEPT_HEADERS:
        if header in response:
            rewritten[header] = response[header]
    return rewritten


def limit_body(request: HttpRequest) -> None:
    """Refuses a body over `MAX_BODY_BYTES` before anything reads it, chunked bodies included."""
    limit: int = settings.MAX_BODY_BYTES
    declared = request.META.get("CONTENT_LENGTH") or ""
    if declared.isdecimal():
        if int(declared) > limit:
            raise ProblemError("body_too_large")
    elif request.META.get("wsgi.input_terminated"):
        # Sent in chunks: Django would take the body for empty, so it is read here, up to the limit.
        body = LimitedStream(request.META["wsgi.input"], limit + 1).read()
        if len(body) > limit:
            raise ProblemError("body_too_large")
        request.META["CONTENT_LENGTH"] = str(len(body))
        request._stream = BytesIO(body)


def refuse_unstorable_address(request: HttpRequest) -> None:
    """Refuses NUL in a query string by name; in a path it names nothing that exists."""
    if UNSTORABLE.search(request.path):
        raise ProblemError("not_found")
    for name, values in request.GET.lists():
        if UNSTORABLE.search(name) or any(UNSTORABLE.search(one) for one in values):
            pointer = "/" + escaped(UNSTORABLE.sub("", name))
            raise field_error("invalid_text", pointer, "Holds a character that cannot be stored.")
