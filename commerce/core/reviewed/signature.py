"""Parameters of a procedure, read from its file by PostgreSQL's own parser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pglast
from django.conf import settings
from pglast import enums

NAME = re.compile(r"[a-z][a-z0-9_]*")
JSON_TYPES = frozenset({"json", "jsonb"})
MODES = {"d": "IN", "i": "IN", "b": "INOUT", "o": "OUT", "v": "VARIADIC", "t": "TABLE"}


class UnknownProcedure(LookupError):
    """No reviewed file has this name."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; `type` is PostgreSQL's internal name, such as `int4` or `uuid[]`."""

    name: str
    mode: str
    type: str
    has_default: bool


@dataclass(frozen=True)
class Signature:
    """A procedure's name and its parameters in order."""

    name: str
    parameters: tuple[Parameter, ...]

    @cached_property
    def inputs(self) -> tuple[Parameter, ...]:
        """The parameters that a caller gives."""
        return tuple(one for one in self.parameters if one.mode == "IN")

    @cached_property
    def known(self) -> dict[str, Parameter]:
        """The parameters that a caller gives, by name."""
        return {one.name: one for one in self.inputs}

    @cached_property
    def needed(self) -> frozenset[str]:
        """The names of those without a default."""
        return frozenset(one.name for one in self.inputs if not one.has_default)

    @cached_property
    def answers(self) -> tuple[tuple[str, bool], ...]:
        """Each value of the INOUT row: its name without `o_`, and whether it is JSON."""
        return tuple(
            (one.name.removeprefix("o_"), one.type in JSON_TYPES)
            for one in self.parameters
            if one.mode == "INOUT"
        )


def type_name(node: Any) -> str:
    """The internal name without schema and length, `[]` at the end for an array."""
    return str(node.names[-1].sval) + ("[]" if node.arrayBounds else "")


def signature_of(statement: Any) -> Signature:
    """The signature that a parsed CREATE PROCEDURE declares."""
    return Signature(
        name=str(statement.funcname[-1].sval),
        parameters=tuple(
            Parameter(
                name=one.name or "",
                mode=MODES[enums.FunctionParameterMode(one.mode).value],
                type=type_name(one.argType),
                has_default=one.defexpr is not None,
            )
            for one in statement.parameters or ()
        ),
    )


def procedures_dir() -> Path:
    """The folder that holds every procedure and nothing else."""
    return Path(settings.PROCEDURES_DIR)


def sql_files(directory: Path) -> list[Path]:
    """All procedure files, ordered by application and name."""
    return sorted(directory.rglob("*.sql"))


@cache
def _signature_in(directory: Path, name: str) -> Signature:
    found = sorted(directory.glob(f"*/{name}.sql")) if NAME.fullmatch(name) else []
    if len(found) != 1:
        raise UnknownProcedure(f"No reviewed procedure is called {name!r}.")
    (statement,) = pglast.parse_sql(found[0].read_text(encoding="utf-8"))
    return signature_of(statement.stmt)


def signature(name: str) -> Signature:
    """The signature of the reviewed procedure `name`, read once per process."""
    return _signature_in(procedures_dir(), name)
