"""The shape of one registry entry."""

from __future__ import annotations

from typing import NamedTuple


class Texts(NamedTuple):
    """What a person is told of an error, in one language."""

    title: str
    cause: str
    action: str


class ErrorCode(NamedTuple):
    """What `docs/errors.md` and the problem document say about one code, in English and Hindi."""

    code: str
    status: int
    title: str
    cause: str
    action: str
    hindi: Texts | None = None

    def texts(self, language: str) -> Texts:
        """Title, cause and action in a language; in English where there are none."""
        if language == "hi" and self.hindi is not None:
            return self.hindi
        return Texts(self.title, self.cause, self.action)


entry = ErrorCode
hindi = Texts
