"""Random interleavings of every procedure, against a small model of the shop in Python."""

from __future__ import annotations
