"""Procedures without one of their protections, for the negative controls of the races.

A mutant is the reviewed text with a lock taken out, installed under the same name in this run's
throw-away database for as long as a block lasts. An edit that finds nothing to change fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from tests.concurrency.racing import PAUSE
from tests.shop.fixtures import empty_tables

Edit = Callable[[str], str]
DEFINITION = """
SELECT format('ALTER TABLE %%I ADD CONSTRAINT %%I %%s', %(table)s, conname,
              pg_get_constraintdef(oid)),
       format('ALTER TABLE %%I DROP CONSTRAINT %%I', %(table)s, conname)
FROM pg_constraint WHERE conname = %(name)s AND conrelid = %(table)s::regclass
UNION ALL
SELECT indexdef, format('DROP INDEX %%I', indexname)
FROM pg_indexes WHERE tablename = %(table)s AND indexname = %(name)s
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = indexname)
"""


def unlocked(what: str) -> Edit:
    """Take the locking clause out of the statement after each comment `-- lock n/m: what`."""
    pattern = re.compile(
        rf"(-- lock \d+/\d+: {re.escape(what)}\n[^;]*?)\s+FOR (?:NO KEY )?UPDATE(?=\s*;)"
    )

    def edit(text: str) -> str:
        edited, count = pattern.subn(r"\1", text)
        assert count, f"no statement locks {what}"
        return edited

    return edit


def replaced(old: str, new: str) -> Edit:
    """Put `new` in the place of the one `old`."""

    def edit(text: str) -> str:
        assert text.count(old) == 1, f"{text.count(old)} times in the procedure: {old}"
        return text.replace(old, new)

    return edit


def paused(before: str) -> Edit:
    """Let the procedure wait before this line of it, where `racing.overtake` goes past it."""
    return replaced(before, f"PERFORM pg_advisory_xact_lock_shared({PAUSE});\n{before}")


def file_of(name: str) -> Path:
    """The reviewed file of a procedure."""
    (path,) = (settings.BASE_DIR / "procedures").rglob(f"{name}.sql")
    return path


@contextmanager
def mutant(name: str, *edits: Edit) -> Iterator[None]:
    """The procedure as the edits leave it, until the block ends."""
    reviewed = file_of(name).read_text()
    edited = reviewed
    for edit in edits:
        edited = edit(edited)
    with connection.cursor() as cursor:
        cursor.execute(edited)
        try:
            yield
        finally:
            cursor.execute(reviewed)


@contextmanager
def mutants(**edits: tuple[Edit, ...]) -> Iterator[None]:
    """Several such procedures at once, by name."""
    with ExitStack() as all_of_them:
        for name, own in edits.items():
            all_of_them.enter_context(mutant(name, *own))
        yield


@contextmanager
def without(table: str, constraint: str) -> Iterator[None]:
    """The table without the constraint or unique index until the block ends, then emptied."""
    with connection.cursor() as cursor:
        cursor.execute(DEFINITION, {"table": table, "name": constraint})
        ((add, drop),) = cursor.fetchall()
        cursor.execute(drop)
        try:
            yield
        finally:
            empty_tables()
            cursor.execute(add)
