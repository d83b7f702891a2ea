"""The least that Django can do for a request: a constant body, and one CALL.

The procedure is `rollback_coupon` for a customer who has no cart: it looks for one, finds nothing
to give back, writes nothing, commits and answers 0.
"""

from __future__ import annotations

from functools import cache

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

CALL = "CALL rollback_coupon(p_user_id => '00000000-0000-0000-0000-000000000000')"


@cache
def body(size: int) -> bytes:
    """So many bytes of JSON."""
    return b'"' + b"x" * (size - 2) + b'"'


def constant(request: HttpRequest, size: int) -> HttpResponse:
    """Answer a body of that size."""
    return _answer(body(size))


def call(request: HttpRequest) -> HttpResponse:
    """CALL and answer what came of it."""
    with connection.cursor() as cursor:
        cursor.execute(CALL)
        return _answer(b'{"rolled_back": %d}' % cursor.fetchone()[0])


def _answer(text: bytes) -> HttpResponse:
    headers = {"Content-Length": str(len(text))}
    return HttpResponse(text, content_type="application/json", headers=headers)


urlpatterns = [path("constant/<int:size>", constant), path("call", call)]
