"""Walls that an import linter can't see: one gateway calls procedures, one folder holds them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from commerce.core.servers.places import PROJECT

GATEWAY = "commerce/core/procedures.py"
# The second part stands for an f-string, whose text ends where the name is filled in.
CALL = re.compile(r"^\s*CALL\s+(\w+\s*\(|$)", re.IGNORECASE)
PROCEDURE_TEXT = re.compile(
    r"\bCREATE\s+(OR\s+REPLACE\s+)?(PROCEDURE|FUNCTION|TRIGGER)\s+\w+\s*\(", re.IGNORECASE
)


def strings(pattern: str) -> Iterator[tuple[str, str]]:
    """Yield each string in the Python files that match, with the name of its file."""
    for path in sorted(PROJECT.glob(pattern)):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield str(Path(path).relative_to(PROJECT)), node.value


def test_only_the_gateway_calls_procedures() -> None:
    callers = {file for file, text in strings("commerce/**/*.py") if CALL.match(text)}

    assert callers == {GATEWAY}


def test_no_python_file_holds_a_procedure() -> None:
    holders = {file for file, text in strings("commerce/**/*.py") if PROCEDURE_TEXT.search(text)}

    assert holders == set()


def test_files_of_the_top_level_are_the_agreed_ones() -> None:
    agreed = {
        "CHANGELOG.md",
        "Dockerfile",
        "LICENSE",
        "Makefile",
        "README.md",
        "commerce",
        "compose.yaml",
        "config",
        "docs",
        "manage.py",
        "procedures",
        "pyproject.toml",
        "requirements-dev.in",
        "requirements-dev.txt",
        "requirements.in",
        "requirements.txt",
        "tests",
    }

    assert {path.name for path in PROJECT.iterdir() if path.name[0] != "."} <= agreed
