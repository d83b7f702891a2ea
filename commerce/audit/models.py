"""When the books were read, and which rows were found broken since when."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from commerce.core.models import Row, one_of


class Trigger(models.TextChoices):
    """Who had the books read."""

    SCHEDULE = "schedule"
    ADMIN = "admin"
    COMMAND = "command"


class AuditRun(Row):
    """One reading of the books; without `finished_at` it is under way or was broken off.

    `created_at` is when it began, `created_by` who asked for it in the admin. `counts` has the
    number of broken rows by invariant, zeros included.
    """

    trigger = models.CharField(max_length=10, choices=Trigger)
    finished_at = models.DateTimeField(null=True)
    milliseconds = models.PositiveIntegerField(null=True)
    rows = models.PositiveIntegerField(null=True)
    counts = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))

    class Meta:
        db_table = "audit_runs"
        permissions: ClassVar = [("start_auditrun", "Can have the books audited")]
        constraints: ClassVar = [one_of("trigger", Trigger, "audit_runs_trigger")]
        indexes: ClassVar = [
            models.Index(fields=["-created_at", "-id"], name="audit_runs_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M} UTC"


class AuditFinding(Row):
    """A row that breaks an invariant, from the run that saw it first until it is in order again.

    `told_at` is when it last raised an alert; `explanation` is as the last run found it.
    """

    invariant = models.CharField(max_length=60)
    table = models.CharField(max_length=63)
    subject_id = models.UUIDField()
    explanation = models.TextField()
    last_seen_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "audit_findings"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["invariant", "table", "subject_id"],
                condition=models.Q(resolved_at__isnull=True),
                name="audit_findings_open_once",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["resolved_at"], name="audit_findings_age")]

    def __str__(self) -> str:
        return f"{self.invariant}: {self.table} {self.subject_id}"
