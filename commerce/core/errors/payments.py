"""Errors of the subject payments."""

from __future__ import annotations

from commerce.core.errors.entries import ErrorCode

ENTRIES: tuple[ErrorCode, ...] = ()
