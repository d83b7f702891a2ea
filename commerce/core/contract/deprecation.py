"""Operations on their way out: the headers `Deprecation` (RFC 9745) and `Sunset` (RFC 8594).

    @deprecated("get", since=date(2026, 12, 1), sunset=date(2027, 6, 1), successor="/api/v2/home")
    class OldHomeView(PublicView): ...

Every answer of the operation carries the headers, problem documents included, and the OpenAPI
document marks it. The gate of the contract lets an operation go once its sunset has passed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, TypeVar

from django.http import HttpResponseBase
from django.utils.http import http_date
from rest_framework.request import Request
from rest_framework.views import APIView

View = TypeVar("View", bound=type[APIView])
REGISTERED = "deprecations"


@dataclass(frozen=True)
class Deprecation:
    """Since when an operation should not be used, until when it can be, and what replaces it."""

    since: date
    sunset: date
    successor: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """The headers of each answer."""
        found = {
            "Deprecation": f"@{_seconds(self.since)}",
            "Sunset": http_date(_seconds(self.sunset)),
        }
        if self.successor:
            found["Link"] = f'<{self.successor}>; rel="successor-version"'
        return found


def deprecated(
    *methods: str, since: date, sunset: date, successor: str = ""
) -> Callable[[View], View]:
    """Mark these methods of a view; both dates begin at midnight UTC."""
    if sunset <= since:
        raise ValueError("An operation's sunset comes after its deprecation.")
    mark = Deprecation(since, sunset, successor)

    def marked(view: View) -> View:
        for method in methods:
            if not hasattr(view, method):
                raise ValueError(f"{view.__name__} has no method {method!r}.")
        setattr(view, REGISTERED, {**getattr(view, REGISTERED, {}), **dict.fromkeys(methods, mark)})
        finalize: Any = view.finalize_response

        def finalize_response(
            self: APIView, request: Request, response: HttpResponseBase, *rest: Any, **named: Any
        ) -> HttpResponseBase:
            answered: HttpResponseBase = finalize(self, request, response, *rest, **named)
            if request.method and request.method.lower() in methods:
                for name, value in mark.headers.items():
                    answered[name] = value
            return answered

        view.finalize_response = finalize_response  # type: ignore[assignment,method-assign]
        return view

    return marked


def deprecation_of(view: object, method: str) -> Deprecation | None:
    """The mark on a view's method."""
    found: dict[str, Deprecation] = getattr(view, REGISTERED, {})
    return found.get(method.lower())


def describe(operation: dict[str, Any], mark: Deprecation) -> None:
    """Mark the operation in the document, its headers on every answer of its own."""
    operation["deprecated"] = True
    operation["x-sunset"] = mark.sunset.isoformat()
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            response.setdefault("headers", {}).update(
                {name: _header(name, value) for name, value in mark.headers.items()}
            )


def _header(name: str, value: str) -> dict[str, Any]:
    texts = {
        "Deprecation": "Since when this should not be used (RFC 9745).",
        "Sunset": "Until when this can be used (RFC 8594).",
        "Link": "What to use instead.",
    }
    return {"description": texts[name], "schema": {"type": "string"}, "example": value}


def _seconds(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())
