"""Runs of the audit: read the books, remember what was found, tell what is new.

A row that stays broken is told again after AUDIT_REPEAT_HOURS, not at every run; one that is in
order again is told once.
"""

from __future__ import annotations

import logging
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from commerce.audit.invariants import violations
from commerce.audit.models import AuditFinding, AuditRun, Trigger
from commerce.audit.promises import Violation, invariants

logger = logging.getLogger("commerce.audit")

# Of each invariant so many rows are kept and told; the run's count has the rest
KEPT = 200
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('audit_findings'))"

Subject = tuple[str, str, uuid.UUID]


class Audit(NamedTuple):
    """What a run found, and how many rows break each invariant; the time is in seconds."""

    found: list[Violation]
    counts: dict[str, int]
    seconds: float


def audit(grace: timedelta | None = None) -> Audit:
    """Read the books and remember nothing."""
    began = timezone.now()
    found = violations(grace)
    return Audit(found, _counted(found), (timezone.now() - began).total_seconds())


def recorded_audit(trigger: Trigger, by: uuid.UUID | None = None) -> Audit:
    """Read the books with the usual grace, and keep the run and its findings."""
    run = AuditRun.objects.create(trigger=trigger, created_by_id=by)
    done = audit()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(ONE_AT_A_TIME)
        later = AuditRun.objects.filter(created_at__gt=run.created_at, finished_at__isnull=False)
        if not later.exists():  # what a later run saw is nearer to the truth
            _remember(done.found, run.created_at)
        run.finished_at = timezone.now()
        run.milliseconds = round(done.seconds * 1000)
        run.rows = len(done.found)
        run.counts = done.counts
        run.save()
    return done


def tell() -> None:
    """Raise an error for each open finding not told of late, and say which ones are resolved."""
    now = timezone.now()
    late = now - timedelta(hours=settings.AUDIT_REPEAT_HOURS)
    remedies = {one.name: one.remedy for one in invariants()}
    untold = AuditFinding.objects.filter(resolved_at=None).exclude(told_at__gt=late)
    for one in untold.order_by("invariant", "created_at", "id"):
        logger.error(
            "invariant broken: %s",
            one.invariant,
            extra=_about(one)
            | {"explanation": one.explanation, "remedy": remedies.get(one.invariant, "")}
            | {"since": one.created_at.isoformat(), "again": one.told_at is not None},
        )
        AuditFinding.objects.filter(pk=one.pk).update(told_at=now, updated_at=now)
    mended = AuditFinding.objects.filter(resolved_at__isnull=False, told_at__isnull=False)
    for one in mended.order_by("invariant", "created_at", "id"):
        logger.warning("invariant holds again: %s", one.invariant, extra=_about(one))
        AuditFinding.objects.filter(pk=one.pk).update(told_at=None, updated_at=now)


def _about(one: AuditFinding) -> dict[str, object]:
    return {"invariant": one.invariant, "table": one.table, "row": str(one.subject_id)}


def _counted(found: Iterable[Violation]) -> dict[str, int]:
    rows = Counter(one.invariant for one in found)
    return {one.name: rows[one.name] for one in invariants()}


def _remember(found: Iterable[Violation], at: datetime) -> None:
    """Keep what was found; a row that an invariant names several times counts once."""
    now = timezone.now()
    seen: dict[Subject, str] = {}
    for row in found:
        seen.setdefault((row.invariant, row.table, row.id), row.detail)
    known = []
    still: Counter[str] = Counter()
    # against all that was found, since what is merely not kept is no less broken
    for one in AuditFinding.objects.filter(resolved_at=None):
        explanation = seen.pop((one.invariant, one.table, one.subject_id), None)
        if explanation is None:
            one.resolved_at = at
        else:
            one.explanation, one.last_seen_at = explanation, at
            still[one.invariant] += 1
        one.updated_at = now
        known.append(one)
    AuditFinding.objects.bulk_update(
        known, ["explanation", "last_seen_at", "resolved_at", "updated_at"], batch_size=500
    )
    AuditFinding.objects.bulk_create(
        AuditFinding(
            invariant=invariant,
            table=table,
            subject_id=subject_id,
            explanation=explanation,
            last_seen_at=at,
        )
        for (invariant, table, subject_id), explanation in _kept(seen, still)
    )


def _kept(seen: dict[Subject, str], still: Counter[str]) -> Iterator[tuple[Subject, str]]:
    """The new findings for which there is room beside those that are `still` open."""
    each = still.copy()
    for subject, explanation in seen.items():
        each[subject[0]] += 1
        if each[subject[0]] <= KEPT:
            yield subject, explanation
