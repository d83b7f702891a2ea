"""How the places of the shelf are laid out, until when changes were seen, and who may write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

LOCK = 7_146_001  # of ours alone: no other advisory lock of the shop has this number
STORE = """
INSERT INTO shelf_state (chunks, width, next_place, seen_until) VALUES (%s, %s, %s, %s)
ON CONFLICT (id) DO UPDATE
SET chunks = EXCLUDED.chunks, width = EXCLUDED.width, next_place = EXCLUDED.next_place,
    seen_until = EXCLUDED.seen_until
"""


@dataclass
class State:
    """A place is a product's bit: in chunk `place % chunks` at `place // chunks`."""

    chunks: int
    width: int
    next_place: int
    seen_until: datetime

    @property
    def space(self) -> int:
        """How many places there are."""
        return self.chunks * self.width

    @classmethod
    def read(cls) -> State | None:
        """The state of the shelf; None when none was made."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT chunks, width, next_place, seen_until FROM shelf_state")
            row = cursor.fetchone()
        return cls(*row) if row else None


def locked(*, wait: bool) -> bool:
    """Whether this transaction is now the only writer."""
    name = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name}(%s)", [LOCK])
        return cursor.fetchone()[0] is not False


def store(state: State, seen_until: datetime) -> None:
    """Keep the state for the next run."""
    with connection.cursor() as cursor:
        cursor.execute(STORE, [state.chunks, state.width, state.next_place, seen_until])
