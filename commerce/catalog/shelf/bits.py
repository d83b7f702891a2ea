"""Writes the shelf's bitmaps: one bit for each product that has a term."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.db import connection

TURN = """
WITH zero AS (SELECT repeat('0', %(width)s)::bit varying AS bits),
turned AS (
    SELECT t.term, t.chunk,
           bit_or(CASE WHEN t.turn_on THEN set_bit(z.bits, t.bit, 1) ELSE z.bits END) AS on_bits,
           bit_or(CASE WHEN t.turn_on THEN z.bits ELSE set_bit(z.bits, t.bit, 1) END) AS off_bits
    FROM unnest(%(terms)s::integer[], %(chunks)s::smallint[], %(bits)s::integer[],
                %(on)s::boolean[]) AS t (term, chunk, bit, turn_on)
    CROSS JOIN zero z
    GROUP BY t.term, t.chunk
)
INSERT INTO shelf_bits AS s (term, chunk, bits)
SELECT term, chunk, on_bits FROM turned
ON CONFLICT (term, chunk) DO UPDATE
SET bits = (s.bits | EXCLUDED.bits) & ~(
    SELECT off_bits FROM turned t WHERE t.term = s.term AND t.chunk = s.chunk
)
"""


class Turn(NamedTuple):
    """A term that the product at a place has got or lost."""

    term: int
    place: int
    on: bool


def turn(turns: Iterable[Turn], chunks: int, width: int) -> None:
    """Bring the bitmaps up to date."""
    rows = list(turns)
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            TURN,
            {
                "width": width,
                "terms": [one.term for one in rows],
                "chunks": [one.place % chunks for one in rows],
                "bits": [one.place // chunks for one in rows],
                "on": [one.on for one in rows],
            },
        )


def write_chunk(chunk: int, width: int, having: Mapping[int, Iterable[int]]) -> None:
    """Store a chunk whole: for each term the bits of the products that have it."""
    with connection.cursor() as cursor:
        copy = cursor.copy("COPY shelf_bits (term, chunk, bits) FROM STDIN")
        with copy as rows:
            for term, positions in having.items():
                bits = bytearray(width // 8)
                for position in positions:
                    bits[position >> 3] |= 0x80 >> (position & 7)
                rows.write_row((term, chunk, f"x{bits.hex()}"))
