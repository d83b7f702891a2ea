"""The invariants of the books, each one SELECT that finds the rows that break it.

A check is a file in `checks/`, named after its invariant. Its comment says what is promised and
what an operator does about a row; its columns are `(invariant, table, id, detail)`. A check that
grants time reads the setting `audit.overdue_before`: what was due before it is overdue.

Checks of the same rows read them from a source in `sources/` and share one pass over it: the
source is read once, what breaks any of them is kept, and each check then picks its own rows.
"""

from __future__ import annotations

import re
import uuid
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent
HEADER = re.compile(r"-- (?P<name>\w+): (?P<promise>.+)\n-- Operator: (?P<remedy>.+)\n")
SHARED = re.compile(r"\nFROM (?P<source>\w+)\nWHERE (?P<condition>.+)\Z", re.DOTALL)


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


class Pass(NamedTuple):
    """One statement that reads the books for one or several invariants."""

    invariants: tuple[str, ...]
    sql: str


class UnreadableCheck(Exception):
    """A check file lacks its promise or remedy, or is not named after its invariant."""


@cache
def invariants() -> tuple[Invariant, ...]:
    """Every invariant, by name."""
    return tuple(_read(path) for path in sorted((FOLDER / "checks").glob("*.sql")))


@cache
def sources() -> dict[str, str]:
    """What several checks read, by name."""
    return {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("sources/*.sql")}


def passes(checks: tuple[Invariant, ...]) -> list[Pass]:
    """The statements that look for all the invariants, those of one source in one statement."""
    found: list[Pass] = []
    for source, group in groupby(sorted(checks, key=_source), key=_source):
        if source:
            found.append(_shared(source, tuple(group)))
        else:
            found += [Pass((one.name,), one.sql) for one in group]
    return found


def _source(check: Invariant) -> str:
    """The name of the source that a check reads, if it is one of ours."""
    read = SHARED.search(check.sql)
    return read["source"] if read and read["source"] in sources() else ""


def _condition(check: Invariant) -> str:
    read = SHARED.search(check.sql)
    return read["condition"] if read else ""


def _shared(source: str, checks: tuple[Invariant, ...]) -> Pass:
    broken = " OR ".join(f"({_condition(one)})" for one in checks)
    each = "\nUNION ALL\n".join(f"({one.sql})" for one in checks)
    sql = (
        f"WITH {source} AS MATERIALIZED (\n"
        f"SELECT * FROM (\n{sources()[source]}) every_row\nWHERE {broken})\n{each}"
    )
    return Pass(tuple(one.name for one in checks), sql)


def _read(path: Path) -> Invariant:
    text = path.read_text(encoding="utf-8")
    header = HEADER.match(text)
    if header is None or header["name"] != path.stem:
        raise UnreadableCheck(
            f"{path.name} must begin with '-- {path.stem}: promise' and '-- Operator: remedy'."
        )
    return Invariant(path.stem, header["promise"], header["remedy"], text)
