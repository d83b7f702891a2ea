"""A small shop for tests: rows by the ORM, journeys by the real procedures."""

from __future__ import annotations
