"""`make load-lists`: what lists, searches and suggestions cost at this shop's size, uncached.

For each request the median of 25: seconds on the clock, and seconds of processor time of the
application and of its database backend, which others on the machine disturb less. The filters are
the shop's own most frequent values.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django

from tests.load.telling import say

READINGS = 25
DEEP = 400


def main() -> None:
    """Measure each request, and the first page of a list against the 400th."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ["PAGE_CACHE"] = "false"  # what is measured is what a list costs, not what it cost
    from django.conf import settings

    from commerce.core import servers

    settings.DATABASES  # noqa: B018 - reads .env, which may name servers that run elsewhere
    servers.start()
    django.setup()
    from django.test import Client

    client, spent = Client(), processor_time()

    def get(path: str) -> dict[str, Any]:
        answer: dict[str, Any] = client.get(f"/api/v1/{path}").json()
        return answer

    whole = get("products")["facets"]
    say(f"{whole['total']:,} products")
    for path in requests(whole):
        measure(path, get, spent)
    for query in ("sort=popularity", "sort=price"):
        path, cursor = f"products?{query}", ""
        for _ in range(DEEP - 1):
            onward = get(f"{path}{cursor}")["next"]
            cursor = f"&cursor={onward}" if onward else cursor
        measure(path, get, spent)
        measure(f"{path}{cursor}", get, spent, shown=f"{path}, page {DEEP}")


def requests(whole: dict[str, Any]) -> Iterator[str]:
    """Lists with no, one and several filters, searches and suggestions."""
    root, leaf = "girls", whole["categories"][0]["value"]
    brand, size = whole["brands"][0]["value"], whole["sizes"][0]["value"]
    yield "products"
    yield f"products?category={root}"
    yield f"products?category={leaf}&sort=newest"
    yield f"products?brand={brand}&sort=discount"
    yield "products?gender=girl&age=30"
    yield "products?min_price=500&max_price=900&sort=price"
    yield f"products?category={root}&brand={brand}&in_stock=true&sort=price_desc"
    yield f"products?category={leaf}&size={size}&colour=Red&in_stock=true&discount=10"
    for words in ("cotton", "cotton dress", "coton dres", "unicorn", "xylophone"):
        yield f"search?q={words.replace(' ', '%20')}"
    for typed in ("co", "dre"):
        yield f"search/suggest?q={typed}"


def measure(
    path: str,
    get: Callable[[str], dict[str, Any]],
    spent: Callable[[], tuple[float, float]],
    *,
    shown: str = "",
) -> None:
    """Print the medians of a request."""
    found = get(path)
    readings = []
    for _ in range(READINGS):
        clock, (ours, theirs) = time.perf_counter(), spent()
        get(path)
        after = spent()
        readings.append((time.perf_counter() - clock, after[0] - ours, after[1] - theirs))
    wall, ours, theirs = (1000 * statistics.median(one) for one in zip(*readings, strict=True))
    total = found.get("facets", {}).get("total", len(found.get("results", [])))
    say(
        f"{shown or path:72} {wall:6.1f} ms on the clock; processor {ours + theirs:5.1f} ms: "
        f"{ours:.1f} ours, {theirs:.1f} the database's; {total:,} found"
    )


def processor_time() -> Callable[[], tuple[float, float]]:
    """Reads the seconds of this process and of its backend; Linux, one machine."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        schedule = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    return lambda: (time.process_time(), int(schedule.read_text().split()[0]) / 1e9)


if __name__ == "__main__":
    main()
