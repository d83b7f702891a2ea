"""Reads that every buyer makes all day, planned once per connection instead of once per request.

Planning a view over ten tables takes the server ten times as long as running it. The ORM puts
values into the text of a query, so its queries can't be prepared; these can. Behind a pooler that
knows no prepared statements `DATABASE_PREPARE=0` sends them plainly: slower, otherwise the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, NotSupportedError, connections

from commerce.core.postgresql.base import DatabaseWrapper
from commerce.core.replica import reading

Read = TypeVar("Read")


def rows(
    statement: str, params: Mapping[str, Any], using: str = DEFAULT_DB_ALIAS
) -> list[dict[str, Any]]:
    """The rows of a statement with `%(name)s` parameters, each by column name."""
    return planned_anew(lambda: _rows(statement, params, using), using)


def public_rows(statement: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The same of a public read, from the server that those go to now."""
    return rows(statement, params, reading().alias)


def planned_anew(read: Callable[[], Read], using: str) -> Read:
    """What `read` finds; on a new connection if a migration changed a type under a prepared plan.

    Within a transaction nothing can be read again: the error is its owner's.
    """
    try:
        return read()
    except NotSupportedError:
        if connections[using].in_atomic_block:
            raise
        connections[using].close()
        return read()


def _rows(statement: str, params: Mapping[str, Any], using: str) -> list[dict[str, Any]]:
    connection = cast("DatabaseWrapper", connections[using])
    with connection.binding_cursor() as cursor:
        cursor.execute(statement, params)
        return cast("list[dict[str, Any]]", cursor.fetchall())
