"""The invariants of the books, each one SELECT that finds the rows that break it.

A check is a file in `checks/`, named after its invariant. Its comment says what is promised and
what an operator does about a row; its columns are `(invariant, table, id, detail)`. A check that
grants time reads the setting `audit.overdue_before`: what was due before it is overdue.
"""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction

CHECKS = Path(__file__).parent / "checks"
HEADER = re.compile(r"-- (?P<name>\w+): (?P<promise>.+)\n-- Operator: (?P<remedy>.+)\n")
# Without a given grace, the time in which the database was down is no job's fault
OVERDUE_SINCE_START = """
SELECT set_config('audit.overdue_before', CASE
    WHEN pg_postmaster_start_time() < granted THEN granted::text ELSE '-infinity' END, TRUE)
FROM (SELECT now() - make_interval(secs => %s) AS granted) g
"""
OVERDUE = """
SELECT set_config('audit.overdue_before', (now() - make_interval(secs => %s))::text, TRUE)
"""


class Invariant(NamedTuple):
    """One promise about the books, and what to do about a row that breaks it."""

    name: str
    promise: str
    remedy: str
    sql: str


class Violation(NamedTuple):
    """One row that breaks an invariant."""

    invariant: str
    table: str
    id: uuid.UUID
    detail: str


class UnreadableCheck(Exception):
    """A check file lacks its promise or remedy, or is not named after its invariant."""


@cache
def invariants() -> tuple[Invariant, ...]:
    """Every invariant, by name."""
    return tuple(_read(path) for path in sorted(CHECKS.glob("*.sql")))


def _read(path: Path) -> Invariant:
    text = path.read_text(encoding="utf-8")
    header = HEADER.match(text)
    if header is None or header["name"] != path.stem:
        raise UnreadableCheck(
            f"{path.name} must begin with '-- {path.stem}: promise' and '-- Operator: remedy'."
        )
    return Invariant(path.stem, header["promise"], header["remedy"], text)


def violations(grace: timedelta | None = None) -> list[Violation]:
    """Every row that breaks an invariant, all seen in one snapshot that nothing can write to.

    `grace` is how long a job may leave what is due undone. Without it that is
    AUDIT_GRACE_SECONDS, and none of it passes while the database is down.
    """
    with (
        transaction.atomic(using=DEFAULT_DB_ALIAS, durable=True),
        connections[DEFAULT_DB_ALIAS].cursor() as cursor,
    ):
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = 0")  # large books take their time
        if grace is None:
            cursor.execute(OVERDUE_SINCE_START, [settings.AUDIT_GRACE_SECONDS])
        else:
            cursor.execute(OVERDUE, [grace.total_seconds()])
        found: list[Violation] = []
        for invariant in invariants():
            cursor.execute(invariant.sql)
            found += sorted(Violation(*row) for row in cursor.fetchall())
    return found
