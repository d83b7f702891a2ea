"""Rules over the rest of the tree: procedure text lives in `procedures/` and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from commerce.core.reviewed.findings import Finding

IGNORED = frozenset({".git", ".venv", ".data", "node_modules", ".mypy_cache", ".ruff_cache"})
ROUTINE = re.compile(
    r"\bcreate\s+(?:or\s+replace\s+)?(?:procedure|function)\s+[\w\".]+\s*\("
    r"|\bcreate\s+(?:or\s+replace\s+)?(?:constraint\s+)?trigger\s+\w+\s+(?:before|after|instead)\b",
    re.IGNORECASE,
)
CALL = re.compile(r"""["'\s]CALL\s+\w+\s*\(""")
GATEWAY = Path("commerce/core/procedures.py")


def tree_rules(root: Path, folder: Path) -> Iterator[Finding]:
    """No routine or trigger text outside `folder`; no CALL in the product but the gateway's."""
    for path in sorted(root.rglob("*")):
        shown = path.relative_to(root)
        if path.suffix not in {".py", ".sql"} or IGNORED & set(shown.parts):
            continue
        if folder in path.parents:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for found in ROUTINE.finditer(text):
            yield Finding(
                str(shown),
                _line(text, found),
                "holds the text of a routine or trigger",
                "keep procedures in procedures/<app>/ and have neither functions nor triggers",
            )
        if shown != GATEWAY and shown.parts[0] in {"commerce", "config"}:
            for found in CALL.finditer(text):
                yield Finding(
                    str(shown),
                    _line(text, found),
                    "issues CALL by itself",
                    "go through commerce.core.procedures.call",
                )


def _line(text: str, found: re.Match[str]) -> int:
    return text[: found.start() + 1].count("\n") + 1
