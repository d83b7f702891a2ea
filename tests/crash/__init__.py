"""Kills at each boundary and at random moments; afterwards nothing is lost and nothing doubled."""

from __future__ import annotations
