"""The admin's doors, and how one comes through the first."""

from __future__ import annotations

from typing import Any

from django.test import Client

from commerce.accounts.models import User

WORD = "correct-horse-battery"
INDEX, LOGIN, SECOND = "/admin/", "/admin/login/", "/admin/second-factor/"


def logged_in(user: User, **options: Any) -> Client:
    """A browser that has given the right password."""
    client = Client(**options)
    answer = client.post(LOGIN, {"username": user.phone, "password": WORD, "next": INDEX})
    assert (answer.status_code, answer["Location"]) == (302, INDEX)
    return client
