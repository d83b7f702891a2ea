"""Clients of the API: strangers and people who have logged in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from commerce.accounts import tokens
from commerce.accounts.models import User
from commerce.catalog.shelf import keeping

Api = Callable[..., APIClient]


@pytest.fixture
def api() -> Api:
    """`api(user)` is a client with the user's access token, `api()` one without."""

    def client(user: User | None = None) -> APIClient:
        made = APIClient()
        if user:
            made.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.issue(user)['access']}")
        return made

    return client


@pytest.fixture
def shelved(api: Api) -> Api:
    """`shelved(user)` is `api(user)` after the job that keeps the shelf has run."""

    def client(user: User | None = None) -> APIClient:
        keeping.catch_up(wait=True)
        return api(user)

    return client
