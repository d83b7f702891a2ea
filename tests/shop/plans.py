"""What the planner makes of the statements that a piece of code really sends."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.db import connection, models, transaction
from django.db.models import QuerySet

from commerce.core.ids import uuid7

UNPLANNED = ("CALL", "COPY", "SET", "SAVEPOINT", "RELEASE", "ROLLBACK", "ANALYZE")
Statements = list[tuple[str, Any]]


class Read(NamedTuple):
    """The tables that plans read whole, and the indexes that they use."""

    whole: set[str]
    indexes: set[str]


@contextmanager
def noted() -> Iterator[Statements]:
    """The statements of a block that have a plan; what a CALL does is tested with its procedure."""
    statements: Statements = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.lstrip().upper().startswith(UNPLANNED):
            statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield statements


def planned(statements: Statements, *, whole_only_without_index: bool = False) -> Read:
    """How the statements would be read; where told so, the planner avoids to read a table whole."""
    nodes: list[dict[str, Any]] = []
    with transaction.atomic(), connection.cursor() as cursor:
        if whole_only_without_index:
            cursor.execute("SET LOCAL enable_seqscan = off")
        for sql, params in statements:
            cursor.execute(f"EXPLAIN (FORMAT json) {sql}", params)
            nodes += _walk(cursor.fetchone()[0][0]["Plan"])
    return _read(nodes)


def plan_of(rows: QuerySet[Any]) -> Read:
    """How a queryset would be read."""
    return _read(list(_walk(json.loads(rows.explain(format="json"))[0]["Plan"])))


def multiplied(row: models.Model, count: int, **fresh: Callable[[int], Any]) -> list[models.Model]:
    """`count` copies of a row with keys of their own, and with what `fresh` says of the nth."""
    copies = []
    for n in range(count):
        one = copy.copy(row)
        one._state = copy.copy(row._state)
        one._state.fields_cache = {}
        one.pk = uuid7()
        for name, value in fresh.items():
            setattr(one, name, value(n))
        copies.append(one)
    return list(type(row)._default_manager.bulk_create(copies))


def analysed() -> None:
    """Let the planner know what the tables hold."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _read(nodes: list[dict[str, Any]]) -> Read:
    whole = {one["Relation Name"] for one in nodes if one["Node Type"] == "Seq Scan"}
    return Read(whole, {one["Index Name"] for one in nodes if "Index Name" in one})


def _walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for inner in node.get("Plans", []):
        yield from _walk(inner)
