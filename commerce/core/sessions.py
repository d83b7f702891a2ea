"""Sessions and logins by cookie, which are the admin's alone.

The cookies' path is the admin's, so no other request has any; the API's are spared five layers.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest
from django_otp import middleware as otp

ADMIN = "/admin/"


class _OfTheAdmin:
    """Lets every request but the admin's pass by."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> Any:
        """What the layer makes of it, or what is below it."""
        if request.path_info.startswith(ADMIN):
            return super().__call__(request)  # type: ignore[misc]  # the layer's
        return self.get_response(request)


class SessionMiddleware(_OfTheAdmin, sessions.SessionMiddleware):
    """Django's."""


class AuthenticationMiddleware(_OfTheAdmin, auth.AuthenticationMiddleware):
    """Django's."""


class OTPMiddleware(_OfTheAdmin, otp.OTPMiddleware):  # type: ignore[misc]  # it has no types
    """django-otp's."""


class MessageMiddleware(_OfTheAdmin, messages.MessageMiddleware):
    """Django's."""
