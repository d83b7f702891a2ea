"""Indexes, keys and references, taken off for the time of a load and put back after it.

One build over all rows is several times cheaper than one step per row. Everything belongs to the
transaction of the load, so one that fails leaves every index where it was.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from django.db.backends.utils import CursorWrapper
from psycopg import sql

CONSTRAINTS = """
SELECT c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid)
FROM pg_constraint c
WHERE c.connamespace = 'public'::regnamespace AND c.contype = ANY (%s)
  AND (c.conrelid = ANY (%s::regclass[]) OR c.confrelid = ANY (%s::regclass[]))
ORDER BY 1, 2
"""
INDEXES = """
SELECT x.indexrelid::regclass::text, pg_get_indexdef(x.indexrelid)
FROM pg_index x
WHERE x.indrelid = ANY (%s::regclass[])
  AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = x.indexrelid)
ORDER BY x.indrelid::regclass::text, 1
"""


# How PostgreSQL shows `status IN (…)`: read back as it stands it would be spelt another way
ONE_OF = re.compile(r"\((\w+)\)::text = ANY \(\(ARRAY\[([^\]]*)\]\)::text\[\]\)")


class Constraint(NamedTuple):
    """A primary key, a unique constraint or a reference, as the database describes it."""

    table: str
    name: str
    definition: str


class Constraints:
    """What was taken off the tables of a load."""

    def __init__(self, cursor: CursorWrapper, tables: list[str]) -> None:
        """Take indexes and keys off these tables, and the references from and to them."""
        cursor.execute(CONSTRAINTS, [["f"], tables, tables])
        self._references = [Constraint(*row) for row in cursor.fetchall()]
        cursor.execute(CONSTRAINTS, [["p", "u"], tables, []])
        self._keys = [Constraint(*row) for row in cursor.fetchall()]
        cursor.execute(INDEXES, [tables])
        indexes = cursor.fetchall()
        self._indexes = [_as_written(definition) for _, definition in indexes]
        for table, name, _ in (*self._references, *self._keys):
            cursor.execute(_drop(table, name))
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")

    def put_back(self, cursor: CursorWrapper) -> None:
        """Build everything again; rows that break a key or a reference make the load fail."""
        cursor.execute(
            "SET CONSTRAINTS ALL IMMEDIATE"
        )  # a table with pending checks stays as it is
        for table, name, definition in self._keys:
            cursor.execute(_add(table, name, definition))
        for definition in self._indexes:
            cursor.execute(definition)
        for table, name, definition in self._references:
            cursor.execute(_add(table, name, definition))


def _drop(table: str, name: str) -> str:
    statement = sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}")
    return statement.format(sql.SQL(table), sql.Identifier(name)).as_string(None)


def _add(table: str, name: str, definition: str) -> str:
    statement = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}")
    return statement.format(sql.SQL(table), sql.Identifier(name), sql.SQL(definition)).as_string(
        None
    )


def _as_written(definition: str) -> str:
    values = "::character varying"
    return ONE_OF.sub(lambda found: f"{found[1]} IN ({found[2].replace(values, '')})", definition)
