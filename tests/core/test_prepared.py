"""Hot reads keep their plan, and lose it when the world under it changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.core.signals import request_started
from django.db import NotSupportedError, connection, transaction

from commerce.catalog.shelf.snapshot import in_snapshot
from commerce.core import prepared
from config.databases import database
from config.environment import env
from tests.shop.builder import Shop

READ = "SELECT amount FROM priced WHERE id = %(id)s"


@pytest.fixture
def priced(shop: Shop) -> Iterator[None]:
    """A table with one row."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE priced (id integer PRIMARY KEY, amount integer)")
        cursor.execute("INSERT INTO priced VALUES (1, 10)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE priced")


@pytest.fixture
def other(shop: Shop) -> Iterator[psycopg.Connection]:
    """A second connection to the same database."""
    connection.ensure_connection()
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as one:
        yield one


def backend() -> int:
    """The server's process behind Django's connection."""
    connection.ensure_connection()
    return int(connection.connection.info.backend_pid)


def test_statement_is_planned_once_per_connection(priced: None) -> None:
    for _ in range(3):
        assert prepared.rows(READ, {"id": 1}) == [{"amount": 10}]

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%priced%'"
        )
        assert cursor.fetchall() == [("SELECT amount FROM priced WHERE id = $1",)]


def test_plan_that_a_migration_made_wrong_is_made_anew(
    priced: None, other: psycopg.Connection
) -> None:
    for _ in range(3):
        prepared.rows(READ, {"id": 1})
    other.execute("ALTER TABLE priced ALTER amount TYPE text")

    assert prepared.rows(READ, {"id": 1}) == [{"amount": "10"}]


def test_wrong_plan_inside_a_transaction_is_not_hidden(
    priced: None, other: psycopg.Connection
) -> None:
    for _ in range(3):
        prepared.rows(READ, {"id": 1})
    other.execute("ALTER TABLE priced ALTER amount TYPE text")

    with pytest.raises(NotSupportedError), transaction.atomic():
        prepared.rows(READ, {"id": 1})


def test_a_list_whose_plan_a_migration_made_wrong_is_read_anew(
    priced: None, other: psycopg.Connection
) -> None:
    def read() -> list[dict[str, Any]]:
        return prepared.rows(READ, {"id": 1})

    for _ in range(3):
        assert in_snapshot(read) == [{"amount": 10}]
    other.execute("ALTER TABLE priced ALTER amount TYPE text")

    assert in_snapshot(read) == [{"amount": "10"}]


def test_quiet_connection_is_trusted_without_asking(other: psycopg.Connection) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'last words'")

    assert connection.is_usable()

    (said,) = other.execute(
        "SELECT query FROM pg_stat_activity WHERE pid = %s", [backend()]
    ).fetchone() or ("",)
    assert said == "SELECT 'last words'"


def test_connection_that_the_server_ended_is_replaced(other: psycopg.Connection) -> None:
    ended = backend()
    other.execute("SELECT pg_terminate_backend(%s, 5000)", [ended])
    request_started.send(sender=None)

    assert prepared.rows("SELECT 1 AS one", {}) == [{"one": 1}]
    assert backend() != ended


def test_a_database_named_by_url_has_the_shops_engine() -> None:
    place = env.db_url_config("postgres://shop@db.example.com/shop?sslmode=require")

    made = database(place, connect_seconds=5)

    assert (made["ENGINE"], made["HOST"]) == ("commerce.core.postgresql", "db.example.com")
    assert made["OPTIONS"]["sslmode"] == "require"
