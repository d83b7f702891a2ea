"""The fixtures that every test of the shop shares.

Procedures commit, so these tests cannot run inside a transaction that is rolled back; instead each
test ends by emptying the tables it filled. Reference rows that migrations made are kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import connection, connections

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
            cursor.execute(path.read_text())


def empty_tables() -> None:
    """Delete all rows but the reference rows; foreign keys rest meanwhile."""
    tables = sorted({m._meta.db_table for m in apps.get_models(include_auto_created=True)} - KEPT)
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
def installed(django_db_setup: None, django_db_blocker: Any) -> None:
    """The test database with every procedure installed."""
    with django_db_blocker.unblock():
        install_all()


@pytest.fixture
def shop(installed: None, django_db_blocker: Any) -> Iterator[Shop]:
    """An empty shop with one warehouse, one pincode and free shipping; emptied afterwards."""
    with django_db_blocker.unblock():
        yield Shop()
        empty_tables()
        cache.clear()
        connections.close_all()
