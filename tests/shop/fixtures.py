"""The fixtures that every test of the shop shares.

Procedures commit, so these tests cannot run inside a transaction that is rolled back; instead each
test ends by emptying the tables it filled. Reference rows that migrations made are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS, ProgrammingError, connection, connections
from django.test.utils import setup_databases, teardown_databases

from commerce.catalog.shelf import making
from tests.shop.builder import Shop

KEPT = {
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "order_status_transitions",
}


def install_all() -> None:
    """Install every procedure file as it stands, reviewed or not; a gate test checks the review."""
    with connection.cursor() as cursor:
        for path in sorted((settings.BASE_DIR / "procedures").rglob("*.sql")):
            try:
                cursor.execute(path.read_text())
            except ProgrammingError as error:
                raise AssertionError(f"{path.name} does not load: {error}") from error


def empty_tables() -> None:
    """Delete all rows but the reference rows; foreign keys rest meanwhile."""
    tables = sorted(
        {m._meta.db_table for m in apps.get_models(include_auto_created=True) if m._meta.managed}
        - KEPT
        | {f"shelf_{name}" for name in making.TABLES}
    )
    filled_sql = " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(filled_sql)
        filled = [row[0] for row in cursor.fetchall()]
        if filled:
            statements = "; ".join(f"DELETE FROM {table}" for table in filled)
            cursor.execute(
                f"SET session_replication_role = replica; {statements}; "
                "SET session_replication_role = DEFAULT"
            )


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, request: pytest.FixtureRequest
) -> Iterator[None]:
    """The migrated test database with every procedure installed."""
    with django_db_blocker.unblock():
        made = setup_databases(
            verbosity=request.config.option.verbose,
            interactive=False,
            aliases={DEFAULT_DB_ALIAS: None},
        )
        install_all()
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=request.config.option.verbose)


@pytest.fixture
def shop(django_db_setup: None, django_db_blocker: Any) -> Iterator[Shop]:
    """An empty shop with one warehouse, one pincode and free shipping; emptied afterwards.

    The next test finds the connection open, with every procedure that was called planned already:
    a backend of its own for each test took longer than most tests do.
    """
    with django_db_blocker.unblock():
        yield Shop()
        empty_tables()
        cache.clear()


@pytest.fixture
def new_shop(django_db_setup: None, django_db_blocker: Any) -> Iterator[Callable[[], Shop]]:
    """Makes an empty shop anew, for a test that tries many examples; emptied afterwards."""

    def made() -> Shop:
        empty_tables()
        return Shop()

    with django_db_blocker.unblock():
        yield made
        empty_tables()
        cache.clear()
        connections.close_all()
