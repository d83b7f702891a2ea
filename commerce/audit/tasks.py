"""The audit as a job: the books are checked while the shop runs."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from commerce.audit.models import AuditFinding, AuditRun, Trigger
from commerce.audit.runs import recorded_audit, tell
from commerce.core.jobs import job, purge


@job()
def audit_books(by: str | None = None) -> int:
    """Audit the books and tell what is new; how many rows are broken.

    `by` is the id of the person who asked for it in the admin.
    """
    if by is None:
        done = recorded_audit(Trigger.SCHEDULE)
    else:
        done = recorded_audit(Trigger.ADMIN, uuid.UUID(by))
    tell()
    return len(done.found)


@job()
def purge_audits() -> dict[str, int]:
    """Delete runs, and findings long resolved, past their lifetime."""
    cutoff = timezone.now() - timedelta(days=settings.AUDIT_KEEP_DAYS)
    runs = AuditRun.objects.filter(created_at__lt=cutoff)
    findings = AuditFinding.objects.filter(resolved_at__lt=cutoff)
    return {
        "audit_runs": purge("purge audit_runs", runs, lambda old: old.delete()).done,
        "audit_findings": purge("purge audit_findings", findings, lambda old: old.delete()).done,
    }
