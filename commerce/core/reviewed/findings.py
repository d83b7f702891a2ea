"""What a rule says when it is broken."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """One breach: where it is, what is wrong, and what to do next."""

    path: str
    line: int
    wrong: str
    next_step: str
    is_warning: bool = False

    def __str__(self) -> str:
        kind = "warning: " if self.is_warning else ""
        return f"{self.path}:{self.line}: {kind}{self.wrong} -> {self.next_step}"
