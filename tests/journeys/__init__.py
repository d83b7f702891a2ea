"""Whole purchases over HTTP, against a shop that runs."""

from __future__ import annotations
