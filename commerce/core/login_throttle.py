"""Who has to wait before trying another password at the admin's door.

Two limits count wrong passwords: one for an account tried from a network, and a wider one for a
network over all accounts, against one password tried on many. So that nobody shuts their office's
door on a colleague, the wider one passes over a browser in which that colleague has logged in
before: it carries a mark that only the shop can make.
"""

from __future__ import annotations

from typing import Any

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

COOKIE = "admin_browser"
REMEMBERED_SECONDS = 180 * 86_400


class NetworkThrottle(AxesDatabaseHandler):  # type: ignore[misc]
    """Counts for an account and a network as Axes does, and for a network over all accounts."""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """Wrong passwords so far; at least the limit where the network has tried too many."""
        failures: int = super().get_failures(request, credentials)
        limit: int = settings.AXES_FAILURE_LIMIT
        username = get_client_username(request, credentials) or ""
        if failures >= limit or is_known(request, username):
            return failures
        return (
            limit if _failures_of_network(request) >= settings.ADMIN_NETWORK_FAILURES else failures
        )


def is_known(request: HttpRequest, username: str) -> bool:
    """Whether the account has logged in with this browser before."""
    return constant_time_compare(request.COOKIES.get(COOKIE, ""), _mark(username))


def remember(response: HttpResponse, username: str) -> None:
    """Mark the browser as one in which the account has logged in."""
    response.set_cookie(
        COOKIE,
        _mark(username),
        max_age=REMEMBERED_SECONDS,
        path=settings.SESSION_COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _mark(username: str) -> str:
    return salted_hmac(__name__, username, algorithm="sha256").hexdigest()


def _failures_of_network(request: Any) -> int:
    recent = AccessAttempt.objects.filter(
        ip_address=request.axes_ip_address, attempt_time__gte=get_cool_off_threshold(request)
    )
    return recent.aggregate(count=Sum("failures_since_start"))["count"] or 0
