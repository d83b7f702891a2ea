"""The clock of the made-up past: what happens now is written down as if it happened then.

Procedures stamp rows with the database's clock. So each step notes when it really began and when
it is meant to have happened; both grow together, so every stamp can be moved back afterwards, in
order, whatever table it is in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from psycopg import sql

# table: columns that hold a moment of the past. `created_at` and `updated_at` go without saying.
PAST: dict[str, tuple[str, ...]] = {
    "carts": ("validated_at", "last_active_at", "closed_at"),
    "cart_items": ("added_at",),
    "coupon_usage": ("ended_at",),
    "inventory": (),
    "order_events": (),
    "order_items": (),
    "orders": (
        "frozen_at",
        "placed_at",
        "confirmed_at",
        "shipped_at",
        "delivered_at",
        "closed_at",
    ),
    "outbox": (),
    "payment_events": ("settled_at",),
    "payments": ("captured_at",),
    "refund_items": (),
    "refunds": ("finished_at",),
    "return_items": ("restored_at",),
    "returns": ("approved_at", "received_at", "closed_at"),
    "saga_log": ("finished_at",),
    "stock_documents": (),
    "stock_ledger": (),
    "stock_reservations": ("first_held_at", "ended_at"),
}
# table: columns that may lie ahead; they keep their distance from `created_at`.
AHEAD: dict[str, tuple[str, ...]] = {
    "coupon_usage": ("expires_at",),
    "orders": ("expires_at",),
    "outbox": ("next_attempt_at",),
    "payment_events": ("next_attempt_at",),
    "payments": ("expires_at",),
    "refunds": ("next_attempt_at",),
    "saga_log": ("due_at",),
    "stock_reservations": ("expires_at",),
}

STEPS_TABLE = """
CREATE TEMPORARY TABLE seed_steps (
    began timestamptz PRIMARY KEY, meant timestamptz NOT NULL, next_meant timestamptz
)
"""
# The last step that had begun at a moment, and the moment as far into it, but not past the next.
MOVED = """
COALESCE((
    SELECT LEAST(s.meant + ({column} - s.began), COALESCE(s.next_meant, 'infinity'))
    FROM seed_steps s WHERE s.began <= {column} ORDER BY s.began DESC LIMIT 1
), {column})
"""
NUMBERS = """
UPDATE orders
SET number = 'KS' || to_char(placed_at AT TIME ZONE 'Asia/Kolkata', 'YYMM') || substr(number, 7)
WHERE created_at BETWEEN %s AND %s
"""
TOLD = """
UPDATE outbox SET status = 'delivered', delivered_at = created_at, attempts = 1
WHERE status = 'pending' AND created_at >= %s
"""


@dataclass(slots=True)
class Clock:
    """Notes each step's real and meant time, and moves all stamps back in the end."""

    steps: list[tuple[datetime, datetime]] = field(default_factory=list)

    def begin(self, meant: datetime) -> None:
        """Begin a step that is meant to happen at `meant`; steps come in that order."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            self.steps.append((cursor.fetchone()[0], meant))

    def turn_back(self, now: datetime) -> None:
        """Move every stamp of the steps back to what was meant.

        Order numbers follow their month, and what customers would have been told counts as told:
        nobody is to get messages about the past.
        """
        with connection.cursor() as cursor:
            cursor.execute(STEPS_TABLE)
            meant = [step[1] for step in self.steps]
            rows = zip(self.steps, [*meant[1:], None], strict=True)
            cursor.executemany(
                "INSERT INTO seed_steps VALUES (%s, %s, %s)",
                [(began, then, following) for (began, then), following in rows],
            )
            cursor.execute("ANALYZE seed_steps")
            first = self.steps[0][0]
            cursor.execute(TOLD, [first])
            for table, columns in PAST.items():
                statement = _statement(table, columns, AHEAD.get(table, ()))
                cursor.execute(statement.as_string(None), [first])
            cursor.execute(NUMBERS, [meant[0], now])
            cursor.execute("DROP TABLE seed_steps")


def _statement(table: str, past: tuple[str, ...], ahead: tuple[str, ...]) -> sql.Composed:
    changes = [
        sql.SQL("{} = {}").format(sql.Identifier(name), _moved(name))
        for name in ("created_at", "updated_at", *past)
    ]
    changes += [
        sql.SQL("{column} = {moved} + ({column} - created_at)").format(
            column=sql.Identifier(name), moved=_moved("created_at")
        )
        for name in ahead
    ]
    return sql.SQL("UPDATE {} SET {} WHERE updated_at >= %s").format(
        sql.Identifier(table), sql.SQL(", ").join(changes)
    )


def _moved(column: str) -> sql.Composed:
    return sql.SQL(MOVED).format(column=sql.Identifier(column))
