"""What the last finished audit found, for a monitor."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from commerce.audit.models import AuditRun


class Books(Collector):
    """Broken rows by invariant, zeros included, and when and how long the books were read."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Nothing before the first audit: a monitor that misses the time raises its own alarm."""
        run = AuditRun.objects.filter(finished_at__isnull=False).order_by("-created_at").first()
        if run is None or run.finished_at is None or run.milliseconds is None:
            return
        rows = GaugeMetricFamily("audit_broken_rows", "Rows found broken.", labels=["invariant"])
        for invariant, count in sorted(run.counts.items()):
            rows.add_metric([invariant], count)
        yield rows
        yield GaugeMetricFamily(
            "audit_completed_timestamp_seconds",
            "When the last complete audit ended.",
            value=run.finished_at.timestamp(),
        )
        yield GaugeMetricFamily(
            "audit_duration_seconds", "How long it took.", value=run.milliseconds / 1000
        )
