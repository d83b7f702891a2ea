"""Clients of the API: strangers and people who have logged in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from commerce.accounts import tokens
from commerce.accounts.models import User
from commerce.catalog.shelf import keeping
from tests.api.limits import LOW
from tests.api.logins import PHONE, LogIn, Login
from tests.contracts.held import ContractClient
from tests.shop.builder import Shop

Api = Callable[..., APIClient]


@pytest.fixture
def api() -> Api:
    """`api(user)` is a client with the user's access token, `api()` one without."""

    def client(user: User | None = None) -> APIClient:
        made = ContractClient()
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


@pytest.fixture
def log_in(shop: Shop) -> LogIn:
    """`log_in(user, device)`."""

    def made(user: User, device: tokens.Device = PHONE) -> Login:
        return Login(**tokens.issue(user, device))

    return made


@pytest.fixture
def limited(patient: None, lowered: Callable[..., None]) -> Callable[..., None]:
    """The same, where Redis is there and is waited for."""
    return lowered


@pytest.fixture
def lowered(settings: Settings) -> Callable[..., None]:
    """`lowered("auth", …)` lets three requests an hour of these categories through."""

    def made(*categories: str) -> None:
        settings.RATE_LIMITS = settings.RATE_LIMITS | dict.fromkeys(categories, LOW)

    return made
