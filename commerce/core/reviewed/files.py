"""One procedure file: its text, its digest, and both parse trees by PostgreSQL's own parsers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pglast
from pglast import ast

from commerce.core.reviewed.findings import Finding
from commerce.core.reviewed.signature import Signature, signature_of, sql_files

COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


class Unparsable(Exception):
    """The file, or the body in it, is not SQL that PostgreSQL would accept."""


@dataclass(frozen=True)
class ProcedureFile:
    """A file below `procedures/`; parsing happens on first use and raises Unparsable."""

    path: Path
    folder: Path

    @property
    def name(self) -> str:
        """The procedure's name as the file claims it."""
        return self.path.stem

    @property
    def shown_path(self) -> str:
        """The path as messages show it."""
        return str(self.path.relative_to(self.folder.parent))

    @cached_property
    def text(self) -> str:
        """The whole file."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def without_comments(self) -> str:
        """The text with every comment blanked out, line numbers unchanged."""
        return COMMENTS.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), self.text)

    @property
    def sha256(self) -> str:
        """Digest of the whole file, comments included: the header is reviewed as well."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @cached_property
    def statements(self) -> tuple[Any, ...]:
        """Every top-level SQL statement of the file."""
        try:
            return tuple(one.stmt for one in pglast.parse_sql(self.text))
        except pglast.Error as error:
            raise Unparsable(str(error)) from error

    @cached_property
    def statement(self) -> ast.CreateFunctionStmt:
        """The one CREATE PROCEDURE of the file."""
        if len(self.statements) == 1 and isinstance(self.statements[0], ast.CreateFunctionStmt):
            return self.statements[0]
        raise Unparsable("The file does not hold exactly one CREATE PROCEDURE.")

    @cached_property
    def options(self) -> dict[str, Any]:
        """The clauses after the parameter list, such as `language` and `as`."""
        return {str(one.defname): one.arg for one in self.statement.options or ()}

    @cached_property
    def signature(self) -> Signature:
        """Name and parameters as declared."""
        return signature_of(self.statement)

    @cached_property
    def body(self) -> str:
        """The text between the dollar quotes, as `pg_proc.prosrc` holds it."""
        if "as" not in self.options:
            raise Unparsable("The procedure has no body.")
        return str(self.options["as"][0].sval)

    @cached_property
    def body_line(self) -> int:
        """The line of the file on which the body's first line stands."""
        return self.text[: self.text.index(self.body)].count("\n") + 1

    @cached_property
    def tree(self) -> dict[str, Any]:
        """The body's PL/pgSQL tree, `datums` and `action`."""
        try:
            tree: dict[str, Any] = pglast.parse_plpgsql(self.text)[0]["PLpgSQL_function"]
        except (pglast.Error, ValueError) as error:
            raise Unparsable(str(error)) from error
        if "action" not in tree:
            raise Unparsable("The body is not PL/pgSQL.")
        return tree

    def line(self, lineno: int | None) -> int:
        """The file's line for a line number of the PL/pgSQL tree."""
        return self.body_line + (lineno or 1) - 1

    def line_of(self, pattern: str) -> int:
        """The first line that matches, else 1."""
        found = re.search(pattern, self.text, re.IGNORECASE)
        return self.text[: found.start()].count("\n") + 1 if found else 1

    def finding(self, line: int, wrong: str, next_step: str) -> Finding:
        """A breach in this file."""
        return Finding(self.shown_path, line, wrong, next_step)

    def nodes(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every PL/pgSQL statement of the body with its kind, outer before inner."""
        return walk(self.tree["action"])


def walk(node: object) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every `PLpgSQL_*` node below `node` with its kind, outer before inner."""
    if isinstance(node, dict):
        for kind, inner in node.items():
            if kind.startswith("PLpgSQL_") and isinstance(inner, dict):
                yield kind.removeprefix("PLpgSQL_"), inner
            yield from walk(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from walk(inner)


def procedure_files(folder: Path) -> list[ProcedureFile]:
    """All procedure files below `folder`."""
    return [ProcedureFile(path, folder) for path in sql_files(folder)]


def parse_statement(query: str) -> Any:
    """The tree of one SQL statement of a body."""
    return pglast.parse_sql(query)[0].stmt
