"""Errors of the subject shipping."""

from __future__ import annotations

from commerce.core.errors.entries import ErrorCode

ENTRIES: tuple[ErrorCode, ...] = ()
