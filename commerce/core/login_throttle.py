"""Who has to wait before trying another password at the admin's door.

Two limits count wrong passwords: one for an account tried from a network, and a wider one for a
network over all accounts, against one password tried on many. So that nobody shuts the office's
door on a colleague, a browser in which that colleague has logged in before carries a mark that only
the shop can make: its guesses are counted apart, and the wider limit passes over it.
"""

from __future__ import annotations

from typing import Any

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

COOKIE = "admin_browser"
KNOWN = "known browser"
REMEMBERED_SECONDS = 180 * 86_400

Credentials = dict[str, Any] | None


class NetworkThrottle(AxesDatabaseHandler):  # type: ignore[misc]
    """Counts for an account and a network as Axes does, and for a network over all accounts."""

    def get_failures(self, request: HttpRequest, credentials: Credentials = None) -> int:
        """Wrong passwords so far; at least the limit where the network has tried too many."""
        failures: int = super().get_failures(request, credentials)
        limit: int = settings.AXES_FAILURE_LIMIT
        if failures >= limit or _is_known(request, credentials):
            return failures
        tried = _failures_of_network(request)
        return limit if tried >= settings.ADMIN_NETWORK_FAILURES else failures

    def filter_user_attempts(
        self, request: HttpRequest, credentials: Credentials = None
    ) -> list[QuerySet[AccessAttempt]]:
        """The pair's attempts: those of known browsers for one of them, else all others."""
        found = super().filter_user_attempts(request, credentials)
        if _is_known(request, credentials):
            return [attempts.filter(user_agent=KNOWN) for attempts in found]
        return [attempts.exclude(user_agent=KNOWN) for attempts in found]

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any
    ) -> None:
        """Record the attempt as a known browser's, which no other can call itself."""
        if _is_known(request, credentials):
            request.axes_user_agent = KNOWN
        elif request.axes_user_agent == KNOWN:
            request.axes_user_agent = ""
        super().user_login_failed(sender, credentials, request, **kwargs)


def _is_known(request: HttpRequest, credentials: Credentials) -> bool:
    username = get_client_username(request, credentials) or ""
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
