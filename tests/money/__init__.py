"""Properties of money, over carts that nobody would think of, on the real views and procedures."""

from __future__ import annotations
