"""Reads that every buyer makes all day, planned once per connection instead of once per request.

Planning a view over ten tables takes the server ten times as long as running it. The ORM puts
values into the text of a query, so its queries can't be prepared; these can. Behind a pooler that
knows no prepared statements `DATABASE_PREPARE=0` sends them plainly: slower, otherwise the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS, NotSupportedError, connections

from commerce.core.postgresql.base import DatabaseWrapper


def rows(
    statement: str, params: Mapping[str, Any], using: str = DEFAULT_DB_ALIAS
) -> list[dict[str, Any]]:
    """The rows of a statement with `%(name)s` parameters, each by column name."""
    try:
        return _rows(statement, params, using)
    except NotSupportedError:  # a migration changed a type under the prepared plan
        if connections[using].in_atomic_block:
            raise
        connections[using].close()
        return _rows(statement, params, using)


def _rows(statement: str, params: Mapping[str, Any], using: str) -> list[dict[str, Any]]:
    connection = cast("DatabaseWrapper", connections[using])
    with connection.binding_cursor() as cursor:
        cursor.execute(statement, params)
        return cast("list[dict[str, Any]]", cursor.fetchall())
