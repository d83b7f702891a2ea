"""Public reads from a streaming replica, said where the read is; all else is the primary's.

`routing` sends a read there and back, `lag` knows how far behind it is, `engine` never waits long.
"""

from __future__ import annotations

from commerce.core.replica.reads import from_replica
from commerce.core.replica.routing import reading

__all__ = ["from_replica", "reading"]
