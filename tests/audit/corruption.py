"""Ways to spoil the books that the shop itself does not offer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from tests.shop.fixtures import empty_tables


@contextmanager
def without(table: str, rule: str) -> Iterator[None]:
    """The CHECK or unique index is gone meanwhile; afterwards it is back and all rows are gone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid = %s::regclass AND conname = %s",
            [table, rule],
        )
        if constraint := cursor.fetchone():
            drop = f"ALTER TABLE {table} DROP CONSTRAINT {rule}"
            restore = f"ALTER TABLE {table} ADD CONSTRAINT {rule} {constraint[0]}"
        else:
            cursor.execute("SELECT pg_get_indexdef(%s::regclass)", [rule])
            drop, restore = f"DROP INDEX {rule}", cursor.fetchone()[0]
        cursor.execute(drop)
    try:
        yield
    finally:
        empty_tables()
        with connection.cursor() as cursor:
            cursor.execute(restore)
