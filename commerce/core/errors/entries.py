"""The shape of one registry entry."""

from __future__ import annotations

from typing import NamedTuple


class ErrorCode(NamedTuple):
    """What `docs/errors.md` and the problem document say about one code."""

    code: str
    status: int
    title: str
    cause: str
    action: str


entry = ErrorCode
