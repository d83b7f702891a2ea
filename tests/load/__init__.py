"""Benchmarks: each prints what it measured beside what it is compared with, in the same run."""

from __future__ import annotations
