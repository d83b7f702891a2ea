"""What a monitor reads at `/metrics`: procedure calls as they happen, and work that waits.

With `PROMETHEUS_MULTIPROC_DIR` set, all processes that share the folder are summed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string
from prometheus_client import REGISTRY, CollectorRegistry, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0)
CALLS = Histogram(
    "procedure_call_seconds",
    "Seconds of each attempt to call a procedure.",
    ["procedure", "outcome"],
    buckets=BUCKETS,
)
WAITING = """
SELECT 'saga_steps', status, count(*) FROM saga_log
WHERE status IN ('pending', 'failed') GROUP BY status
UNION ALL
SELECT 'outbox_messages', status, count(*) FROM outbox
WHERE status IN ('pending', 'dead') GROUP BY status
UNION ALL
SELECT 'payment_events', status, count(*) FROM payment_events
WHERE status = 'recorded' GROUP BY status
UNION ALL
SELECT 'refunds', status, count(*) FROM refunds
WHERE status IN ('initiated', 'processing', 'failed') GROUP BY status
"""


class WaitingWork(Collector):
    """Counts, at the time of reading, what waits for a job or a person."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One gauge with the kind of work and its status as labels."""
        gauge = GaugeMetricFamily("waiting_work", "Rows that wait.", labels=["kind", "status"])
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            for kind, status, count in cursor.fetchall():
                gauge.add_metric([kind, status], count)
        yield gauge


def exposition() -> bytes:
    """All metrics in Prometheus' text format."""
    asked = CollectorRegistry()
    for path in settings.METRICS_COLLECTORS:
        asked.register(import_string(path)())
    calls = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        calls = CollectorRegistry()
        multiprocess.MultiProcessCollector(calls)  # type: ignore[no-untyped-call]
    return generate_latest(calls) + generate_latest(asked)
