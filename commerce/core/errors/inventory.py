"""Errors of the subject inventory."""

from __future__ import annotations

from commerce.core.errors.entries import ErrorCode

ENTRIES: tuple[ErrorCode, ...] = ()
