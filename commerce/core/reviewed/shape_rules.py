"""Rules over a procedure file as a whole: name, options, parameters, header, length."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from pglast import ast

from commerce.core.reviewed.files import ProcedureFile
from commerce.core.reviewed.findings import Finding
from commerce.core.reviewed.signature import NAME, Parameter

MAX_LINES = 260
LONG_LINES = 150
TYPES = frozenset({"uuid", "int4", "int8", "numeric", "text", "timestamptz", "bool", "jsonb"})
OPTIONS = frozenset({"language", "as"})
HEADER_FIELDS = ("Caller", "In", "Out", "Locks", "Errors", "Repeat", "Keeps")
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XXX|not implemented)\b", re.IGNORECASE)


def file_rules(file: ProcedureFile) -> Iterator[Finding]:
    """One CREATE PROCEDURE and nothing else, in an application's folder."""
    for statement in file.statements:
        if not isinstance(statement, ast.CreateFunctionStmt) or not statement.is_procedure:
            yield file.finding(
                1,
                f"holds a {type(statement).__name__}",
                "keep nothing but one CREATE OR REPLACE PROCEDURE in the file",
            )
    if len(file.statements) != 1:
        yield file.finding(
            1, f"holds {len(file.statements)} statements", "give each procedure a file of its own"
        )
    if len(file.path.relative_to(file.folder).parts) != 2:
        yield file.finding(1, "is not in an application's folder", "move it to procedures/<app>/")


def name_rules(file: ProcedureFile) -> Iterator[Finding]:
    """Can be installed again, and is called as its file is."""
    statement = file.statement
    if not statement.replace:
        yield file.finding(
            file.line_of(r"^create\b"),
            "lacks OR REPLACE",
            "write CREATE OR REPLACE PROCEDURE",
        )
    if len(statement.funcname or ()) > 1 or not NAME.fullmatch(file.signature.name):
        yield file.finding(
            1,
            "has a qualified or unusual name",
            "name it in lower case without a schema",
        )
    if file.signature.name != file.name:
        yield file.finding(
            file.line_of(r"^create\b"),
            f"holds {file.signature.name}",
            f"rename the file to {file.signature.name}.sql",
        )


def option_rules(file: ProcedureFile) -> Iterator[Finding]:
    """LANGUAGE plpgsql and nothing that forbids COMMIT."""
    language = getattr(file.options.get("language"), "sval", "")
    if language.lower() != "plpgsql":
        yield file.finding(1, "is not in PL/pgSQL", "write LANGUAGE plpgsql")
    for name in sorted(set(file.options) - OPTIONS):
        yield file.finding(
            1,
            f"has the clause {name.upper()}",
            "remove it: SECURITY and SET forbid COMMIT",
        )


def parameter_rules(file: ProcedureFile) -> Iterator[Finding]:
    """Inputs `p_`, results `o_` INOUT with DEFAULT NULL, types that the gateway can send."""
    for one in file.signature.parameters:
        line = file.line_of(rf"\b{re.escape(one.name)}\b\s+\w" if one.name else r"\(")
        for wrong, next_step in _parameter_faults(one):
            yield file.finding(line, f"parameter {one.name or '(unnamed)'} {wrong}", next_step)
    names = [one.mode for one in file.signature.parameters]
    if any(left == "INOUT" and right == "IN" for left, right in pairwise(names)):
        yield file.finding(1, "mixes results among inputs", "put the o_ parameters last")


def _parameter_faults(one: Parameter) -> Iterator[tuple[str, str]]:
    if one.mode == "IN" and not one.name.startswith("p_"):
        yield "is an input without p_", "prefix it with p_"
    if one.mode == "INOUT" and not one.name.startswith("o_"):
        yield "is a result without o_", "prefix it with o_"
    if one.mode == "INOUT" and not one.has_default:
        yield "has no default", "add DEFAULT NULL so that callers may leave it out"
    if one.mode not in {"IN", "INOUT"}:
        yield f"is {one.mode}", "use a plain input or INOUT"
    if one.type.removesuffix("[]") not in TYPES:
        yield (
            f"has the type {one.type}",
            f"use one of {', '.join(sorted(TYPES))} or its array",
        )


def header(file: ProcedureFile) -> dict[str, str]:
    """The fields of the comment above CREATE by name; `""` holds the first line."""
    fields: dict[str, str] = {}
    current = ""
    for line in file.text.splitlines():
        if not line.startswith("--"):
            break
        text = line.removeprefix("--").strip()
        found = re.match(rf"({'|'.join(HEADER_FIELDS)}):\s*(.*)", text)
        if found:
            current, text = found.group(1), found.group(2)
        fields[current] = f"{fields.get(current, '')} {text}".strip()
    return fields


def header_rules(file: ProcedureFile) -> Iterator[Finding]:
    """Purpose first, every field present, every result explained."""
    fields = header(file)
    if not fields.get("", "").startswith(f"{file.name}: "):
        yield file.finding(
            1,
            "has no purpose in its first line",
            f"begin the file with '-- {file.name}: …'",
        )
    for name in HEADER_FIELDS:
        if not fields.get(name):
            yield file.finding(1, f"lacks the header field {name}", f"add '-- {name}: …'")
    for one in file.signature.parameters:
        if one.mode == "INOUT" and one.name not in fields.get("Out", ""):
            yield file.finding(1, f"does not explain {one.name}", "name it in the field Out")


def text_rules(file: ProcedureFile) -> Iterator[Finding]:
    """Length, unfinished words, and the FOR UPDATE that every procedure holds."""
    lines = len(file.text.splitlines())
    if lines > MAX_LINES:
        yield file.finding(lines, f"has {lines} lines", f"stay within {MAX_LINES}")
    elif lines > LONG_LINES:
        yield file.finding(
            lines, f"has {lines} lines", "look for the view that is missing"
        )._replace(is_warning=True)
    if found := UNFINISHED.search(file.text):
        line = file.text[: found.start()].count("\n") + 1
        yield file.finding(line, f"says {found.group()}", "finish it")
    if not re.search(r"\bfor\s+update\b", file.without_comments, re.IGNORECASE):
        yield file.finding(
            1,
            "locks no row by SELECT … FOR UPDATE",
            "lock what it decides on before deciding",
        )
