"""Devices that are logged in, and what they ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jwt
from rest_framework.test import APIClient

from commerce.accounts import tokens

PHONE = tokens.Device("phone-of-asha-rao", "Asha's phone", "203.0.113.77")


class Login(NamedTuple):
    """One device that is logged in."""

    access: str
    refresh: str

    def ask(self, path: str = "me", method: str = "get") -> Any:
        """A request with the access token."""
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {self.access}")
        return getattr(client, method)(f"/api/v1/{path}")

    @property
    def id(self) -> str:
        """The login's id."""
        return str(jwt.decode(self.access, options={"verify_signature": False})["sid"])


LogIn = Callable[..., Login]


def refresh(token: str, device_id: str | None = None) -> Any:
    body = {"refresh": token} | ({"device_id": device_id} if device_id else {})
    return APIClient().post("/api/v1/auth/token/refresh", body)


def refused(answer: Any) -> tuple[int, str]:
    assert answer["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]
