"""A flash sale on one stock row: holds a second by arrangement and number of clients.

`make load-hot` runs it on a durable database of its own. Each point is the median of HOT_ROUNDS
rounds of HOT_SECONDS seconds; a round visits every arrangement in turn, so that a noisy moment of
the machine falls on all of them. After each, holds and stock are counted against the calls.
"""

from __future__ import annotations

import io
import json
import os
import statistics
import sys
from pathlib import Path
from typing import NamedTuple

import django

from tests.load import hot_clients, hot_shop
from tests.load.telling import say

CLIENTS = (1, 2, 4, 8, 16, 32, 64)
NAMES = ("client", "pgbench", "alone", "together")


class Reading(NamedTuple):
    """Calls a second, and milliseconds that half and 99 of 100 calls stayed under."""

    rate: float
    p50: float
    p99: float


def main() -> None:
    """Print a row for each number of clients, then the ratios at 16."""
    django.setup()
    from django.core.management import call_command

    from commerce.core import servers

    servers.start()
    call_command("migrate", verbosity=0)
    call_command("procedures", "install", stdout=io.StringIO())
    hot, buyers = hot_shop.open_shop(), hot_shop.buyers()
    rounds, seconds = (
        int(os.environ.get("HOT_ROUNDS", "3")),
        int(os.environ.get("HOT_SECONDS", "2")),
    )
    curve: dict[int, dict[str, Reading]] = {}
    say(f"{'clients':>7}" + "".join(f" | {name:^24}" for name in NAMES))
    say(f"{'':>7}" + " |  calls/s   p50 ms   p99 ms" * len(NAMES))
    for clients in CLIENTS:
        taken = [
            {n: _point(n, clients, hot, buyers, seconds) for n in NAMES} for _ in range(rounds)
        ]
        curve[clients] = {name: _median([one[name] for one in taken]) for name in NAMES}
        cells = (f" | {r.rate:8.0f} {r.p50:8.1f} {r.p99:8.1f}" for r in curve[clients].values())
        say(f"{clients:>7}" + "".join(cells))
    for rival in ("client", "pgbench"):
        ratio = curve[16]["together"].rate / curve[16][rival].rate
        say(f"at 16 clients: {ratio:.1f} times as many calls/s as {rival}")
    if len(sys.argv) > 1:
        readings = {c: {n: r._asdict() for n, r in row.items()} for c, row in curve.items()}
        Path(sys.argv[1]).write_text(json.dumps(readings, indent=1) + "\n")


def _point(
    name: str, clients: int, hot: hot_shop.Hot, buyers: list[hot_clients.Buyer], seconds: int
) -> Reading:
    from commerce.core.servers.account import postgres_binaries
    from commerce.core.servers.places import Places

    hot_shop.begin_again()
    if name == "pgbench":
        program = postgres_binaries(Places.current().version, None) / "pgbench"
        taken, first = hot_clients.by_pgbench(program, clients, hot, seconds), 0
    else:
        taken, first = hot_clients.by_threads(name, clients, hot, buyers, seconds), clients
    hot_shop.count_holds(first + len(taken))
    taken.sort()
    half, most = taken[len(taken) // 2], taken[int(len(taken) * 0.99)]
    return Reading(len(taken) / seconds, half * 1000, most * 1000)


def _median(readings: list[Reading]) -> Reading:
    return Reading(*(statistics.median(values) for values in zip(*readings, strict=True)))


if __name__ == "__main__":
    main()
