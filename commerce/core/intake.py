"""What a request may not be before anything reads it: too long, too large, or unstorable."""

from __future__ import annotations

from io import BytesIO

from django.conf import settings
from django.core.handlers.wsgi import LimitedStream
from django.http import HttpRequest

from commerce.core.errors import ProblemError, field_error
from commerce.core.json_text import UNSTORABLE, escaped

LONGEST_HOST = 255  # bytes: the longest name there is, and a port


def refuse_oversized(request: HttpRequest) -> None:
    """ProblemError for a host, an address or a body that the shop does not read."""
    limit_host(request)
    limit_address(request)
    limit_body(request)
    refuse_unstorable_address(request)


def limit_host(request: HttpRequest) -> None:
    """Refuses a Host header that no host has, before anything repeats it."""
    if len(request.META.get("HTTP_HOST", "")) > LONGEST_HOST:
        raise ProblemError("bad_request")


def limit_address(request: HttpRequest) -> None:
    """Refuses an address over `MAX_URL_BYTES`, its query string included."""
    if len(request.path) + len(request.META.get("QUERY_STRING", "")) > settings.MAX_URL_BYTES:
        raise ProblemError("uri_too_long")


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
