"""Another session, and a call beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import Client, override_settings

PATIENCE_SECONDS = 10


@pytest.fixture
def bystander() -> Iterator[psycopg.Connection[Any]]:
    """A second connection, in a transaction of its own."""
    other = connection.get_new_connection(connection.get_connection_params())
    other.autocommit = False
    yield other
    other.close()


@pytest.fixture
def beside() -> Iterator[Callable[[Callable[[], Any]], Future[Any]]]:
    """Runs a function in a thread with a database connection of its own."""

    def run(function: Callable[[], Any]) -> Any:
        try:
            return function()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as pool:
        yield lambda function: pool.submit(run, function)


@pytest.fixture
def endpoints() -> Iterator[Client]:
    """A client of the endpoints beside this file that sees answers, not exceptions."""
    with override_settings(ROOT_URLCONF="tests.core.endpoints"):
        yield Client(raise_request_exception=False)
