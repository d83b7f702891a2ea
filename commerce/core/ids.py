"""UUIDv7 keys: made in Python by the ORM, and by one SQL expression where a procedure inserts.

Source: RFC 9562, section 5.7. The database side is spelled out because `uuidv7()` exists only from
PostgreSQL 18 on.
"""

from __future__ import annotations

import secrets
import time
import uuid
from typing import Any

from django.db.models import BigIntegerField, Func, UUIDField, Value

UUID7_SQL = (
    "encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) placing "
    "substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) "
    "from 1 for 6), 52, 1), 53, 1), 'hex')::uuid"
)


def uuid7() -> uuid.UUID:
    """Return a UUID that sorts by creation time to the millisecond, random within it."""
    value = (time.time_ns() // 1_000_000) << 80
    value |= 0x7 << 76
    value |= secrets.randbits(12) << 64
    value |= 0b10 << 62
    value |= secrets.randbits(62)
    return uuid.UUID(int=value)


class UUIDv7(Func):
    """The database default of every primary key."""

    template = UUID7_SQL.replace("%", "%%")
    output_field: Any = UUIDField()


class NextVal(Func):
    """The database default of a column that numbers rows in the order of their insertion."""

    function = "nextval"
    output_field: Any = BigIntegerField()

    def __init__(self, sequence: str, **extra: Any) -> None:
        super().__init__(Value(sequence), **extra)
