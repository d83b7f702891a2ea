"""The words and figures that the made-up shop is made of."""

from __future__ import annotations
