"""`make load-audit`: how long each pass of the audit takes, and all of them.

The best of three readings; nothing is written.
"""

from __future__ import annotations

import os
import time

import django

from tests.load.telling import say

SIZES = """
SELECT relname, reltuples::bigint FROM pg_class
WHERE oid IN ('orders'::regclass, 'order_items'::regclass, 'order_events'::regclass,
              'stock_ledger'::regclass, 'payments'::regclass, 'outbox'::regclass)
ORDER BY relname
"""
READINGS = 3


def main() -> None:
    """Print sizes, passes and the whole."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from commerce.core import servers

    servers.start()
    django.setup()
    from django.db import connection

    from commerce.audit.invariants import Reading, readings

    with connection.cursor() as cursor:
        cursor.execute(SIZES)
        say(", ".join(f"{rows:,} {table}" for table, rows in cursor.fetchall()))
    best: tuple[float, list[Reading]] | None = None
    for _ in range(READINGS):
        began = time.monotonic()
        found = readings()
        took = time.monotonic() - began
        if best is None or took < best[0]:
            best = took, found
    assert best is not None
    for one in sorted(best[1], key=lambda reading: -reading.seconds):
        say(f"{one.seconds:7.2f} s {len(one.found):6} rows  {', '.join(one.done.invariants)}")
    passes = sum(one.seconds for one in best[1])
    say(f"{best[0]:7.2f} s for all ({passes:.2f} s over all connections)")


if __name__ == "__main__":
    main()
