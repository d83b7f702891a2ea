"""Errors of the subject orders."""

from __future__ import annotations

from commerce.core.errors.entries import ErrorCode

ENTRIES: tuple[ErrorCode, ...] = ()
