"""Races against the real procedures, each with a control that shows the race when unprotected."""

from __future__ import annotations
