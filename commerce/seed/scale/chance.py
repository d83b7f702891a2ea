"""Chance that depends on nothing but the random seed: the same row always draws the same.

The steps write `made.pick(n, salt, size)` and the like; here each becomes the expression that it
stands for, since the only routines in a shop's database are its reviewed procedures. `n` is the
number of a row, `salt` tells one question about it from another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

EXPRESSIONS = {
    # any whole number
    "draw": "hashint8extended(({0})::bigint, ({1}) * 1000003 + {random_seed})",
    # from 0 to just under 1
    "chance": "((made.draw({0}, {1}) & 4503599627370495)::float8 / 4503599627370496)",
    # one of the places 1 to {2} of a list
    "pick": "(1 + floor(made.chance({0}, {1}) * ({2}))::integer)",
    # so much time, between two limits in hours
    "hours": "((({2}) + (({3}) - ({2})) * made.chance({0}, {1})) * interval '1 hour')",
    # the nearest price that ends in 49 or 99
    "shop_price": "(GREATEST(round(({0})::float8 / 50)::integer * 50, 100) - 1)",
    # the UUIDv7 of the moment {0}
    "key": "(lpad(to_hex(((date_part('epoch', {0}) * 1000)::bigint << 16)"
    " | (made.draw({1}, {2} + 500) & 4095) | 28672), 16, '0')"
    " || to_hex((made.draw({1}, {2}) & 4611686018427387903) | -9223372036854775808))::uuid",
}
CALLED = re.compile(r"\bmade\.(\w+)\(")


def written_out(text: str, random_seed: int) -> str:
    """Write out every `made.…(…)`, those within others too."""
    while called := CALLED.search(text):
        parts = list(_arguments(text, called.end()))
        end = called.end() + sum(len(part) + 1 for part in parts)
        whole = EXPRESSIONS[called[1]].format(*map(str.strip, parts), random_seed=random_seed)
        text = text[: called.start()] + whole + text[end:]
    return text


def _arguments(text: str, start: int) -> Iterator[str]:
    """What stands between the commas up to the bracket that closes the call."""
    depth = 0
    for at in range(start, len(text)):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(text[at], 0)
        if depth < 0 or (depth == 0 and text[at] == ","):
            yield text[start:at]
            start = at + 1
        if depth < 0:
            return
