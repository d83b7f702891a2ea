"""Starts the servers of a test run; they end with it."""

from __future__ import annotations

from django.conf import settings

from commerce.core import servers


def pytest_configure() -> None:
    """Start PostgreSQL and Redis for this run alone before Django's test database is made."""
    assert settings.DATABASES, "settings choose the throw-away servers before they start"
    servers.start()


pytest_plugins = ["tests.shop.fixtures", "tests.shop.outages", "tests.shop.replicas"]
