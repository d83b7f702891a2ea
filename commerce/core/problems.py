"""Turns every failure into an RFC 9457 problem document; no trace and no SQL ever leaves.

`exception_handler` serves the API's views, `ProblemMiddleware` all that fails around them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from math import ceil
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.encoding import escape_uri_path
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.views import set_rollback

from commerce.core import intake, tracing
from commerce.core.errors import BY_STATUS, REGISTRY, ProblemError, describe
from commerce.core.errors.faults import told
from commerce.core.json_text import dumps, escaped
from commerce.core.languages import ENGLISH, preferred

logger = logging.getLogger("commerce.problems")

CONTENT_TYPE = "application/problem+json"
HTML_PREFIXES = ("/admin/", "/static/")  # pages for people keep Django's own error pages
OF_THE_BODY = ("content-encoding", "content-language", "content-length", "content-type", "etag")


class ProblemResponse(HttpResponse):
    """A problem document in the language that the request prefers; `data` is it before rendering.

    Django logs answers of 500 and more by their path; what led to this one is told elsewhere.
    """

    _has_been_logged = True

    def __init__(self, request: HttpRequest | Request, problem: ProblemError) -> None:
        language = preferred(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))
        self.data = document(request.path, problem, language)
        super().__init__(dumps(self.data), status=problem.status, content_type=CONTENT_TYPE)
        self["Content-Language"] = language
        self["Content-Length"] = str(len(self.content))
        self["X-Content-Type-Options"] = "nosniff"
        patch_vary_headers(self, ["Accept-Language"])
        if problem.retry_after is not None:
            self["Retry-After"] = str(problem.retry_after)


def document(path: str, problem: ProblemError, language: str = ENGLISH) -> dict[str, object]:
    """The members of the problem document for a request to `path`."""
    title, cause, action = describe(problem.code, problem.status).texts(language)
    members: dict[str, object] = {
        "type": problem_type(problem.code),
        "title": title,
        "status": problem.status,
        "detail": told(problem.detail, language) if problem.detail else cause,
        "instance": "/" + escape_uri_path(path).lstrip("/"),
        "code": problem.code,
        "human_readable_cause": cause,
        "suggested_action": action,
        "request_id": tracing.current(),
    }
    if problem.errors:
        faults = problem.errors
        members["errors"] = [one | {"detail": told(one["detail"], language)} for one in faults]
    if problem.context:
        members["context"] = problem.context
    return members


def problem_type(code: str) -> str:
    """The address at which a code is explained."""
    return f"{settings.PROBLEM_BASE_URL}/problems/{code}"


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
    """Near the door: refuses requests that are too large, and rewrites errors of HTML."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The view's response, or a problem document in place of a refusal or an HTML error."""
        try:
            intake.refuse_oversized(request)
        except ProblemError as problem:
            return ProblemResponse(request, problem)
        response = self.get_response(request)
        if response.status_code < 400 or request.path.startswith(HTML_PREFIXES):
            return response
        if response.get("Content-Type", "").startswith("application/"):
            return response
        return _rewritten(request, response)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Django's hook: an error of a view outside REST framework means here what it means there.

        Of an error that nobody foresaw Django's own handling tells the log.
        """
        if request.path.startswith(HTML_PREFIXES):
            return None
        if isinstance(error, ProblemError | OperationalError | InterfaceError):
            return ProblemResponse(request, problem_of(error))
        return None


def _rewritten(request: HttpRequest, response: HttpResponseBase) -> ProblemResponse:
    status = response.status_code
    code = BY_STATUS.get(status, "bad_request" if status < 500 else "internal_error")
    rewritten = ProblemResponse(request, ProblemError(code, status=status))
    for header, value in response.items():
        if header.lower() == "vary":
            patch_vary_headers(rewritten, [one.strip() for one in value.split(",")])
        elif header.lower() not in OF_THE_BODY:
            rewritten[header] = value
    return rewritten
