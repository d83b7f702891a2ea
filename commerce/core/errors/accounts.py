"""Errors of the subject accounts."""

from __future__ import annotations

from commerce.core.errors.entries import ErrorCode

ENTRIES: tuple[ErrorCode, ...] = ()
