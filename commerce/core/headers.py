"""Tells browsers what an answer may load: a page its own scripts, anything else nothing."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class ContentPolicyMiddleware:
    """Adds `Content-Security-Policy` by the answer's type; a view's own policy stays."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The view's response with its policy."""
        response = self.get_response(request)
        page = response.get("Content-Type", "").startswith("text/html")
        policy: str = settings.PAGE_POLICY if page else settings.OTHER_POLICY
        response.headers.setdefault("Content-Security-Policy", policy)
        return response
