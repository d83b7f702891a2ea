"""What every table has, and the tables that serve all subjects: keys, sagas, outbox, installs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from commerce.core.ids import NextVal, UUIDv7, uuid7


def one_of(field: str, choices: type[models.TextChoices], name: str) -> models.CheckConstraint:
    """Return the CHECK that holds a status column to its strict set, in the database."""
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": choices.values}), name=name)


def money(**options: Any) -> models.DecimalField[Any, Any]:
    """Return an exact rupee column, `numeric(12,2)`, tax-inclusive, INR."""
    return models.DecimalField(max_digits=12, decimal_places=2, **options)


class Row(models.Model):
    """A table row: UUIDv7 key, times in UTC with database defaults, and who created it."""

    id = models.UUIDField(primary_key=True, default=uuid7, db_default=UUIDv7(), editable=False)
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now(), editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="+",
    )

    class Meta:
        abstract = True


class SoftDeleted(models.Model):
    """A row that leaves the shop's sight but never the database."""

    is_deleted = models.BooleanField(default=False, db_default=False, editable=False)

    class Meta:
        abstract = True


class Versioned(models.Model):
    """A row with several writers: each write adds one to `version` (optimistic lock)."""

    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    class Meta:
        abstract = True


class IdempotencyKey(Row):
    """A client's key of one critical POST, committed together with its effect."""

    owner = models.UUIDField()
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    procedure = models.CharField(max_length=63)
    result_id = models.UUIDField(null=True)
    status = models.IntegerField(null=True)
    body = models.TextField(null=True)

    class Meta:
        db_table = "idempotency_keys"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "key"], name="idempotency_keys_once")
        ]
        indexes: ClassVar = [models.Index(fields=["created_at"], name="idempotency_keys_age")]

    def __str__(self) -> str:
        return self.key


class RequestInFlight(Row):
    """A keyed request under way; its id is one of owner and key, past its lease it counts nothing.

    The table is unlogged: it says nothing that would outlive a crash of the server.
    """

    fingerprint = models.CharField(max_length=64)
    token = models.UUIDField()
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "requests_in_flight"

    def __str__(self) -> str:
        return str(self.id)


class RateWindow(Row):
    """How often a client asked in the current stretch of time, counted while Redis is away.

    The table is unlogged: after a crash of the server everybody starts anew.
    """

    bucket = models.CharField(max_length=120, unique=True)
    taken = models.PositiveBigIntegerField()
    ends_at = models.DateTimeField()

    class Meta:
        db_table = "rate_windows"

    def __str__(self) -> str:
        return self.bucket


class SagaKind(models.TextChoices):
    """The workflows whose steps are recorded."""

    PLACE = "place"
    SETTLE = "settle"
    CANCEL = "cancel"
    RETURN = "return"


class SagaStatus(models.TextChoices):
    """`pending` is what comes next; `failed` waits for a person."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class SagaStep(Row):
    """One step of a workflow, inserted `pending` by the procedure of the step before it.

    The insert is part of that procedure's transaction; the step's own procedure marks it `done`
    in its own. So a crash between two steps leaves exactly the row that says how to go on.
    """

    kind = models.CharField(max_length=20, choices=SagaKind)
    saga_id = models.UUIDField()
    step = models.CharField(max_length=63)
    subject_id = models.UUIDField()
    status = models.CharField(
        max_length=20, choices=SagaStatus, default=SagaStatus.PENDING, db_default="pending"
    )
    payload = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    payload_hash = models.CharField(max_length=64, blank=True, default="", db_default="")
    compensation = models.CharField(max_length=63, blank=True, default="", db_default="")
    attempts = models.PositiveIntegerField(default=0, db_default=0)
    last_error = models.TextField(blank=True, default="", db_default="")
    due_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "saga_log"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "saga_id", "step", "subject_id"], name="saga_log_step_once"
            ),
            one_of("status", SagaStatus, "saga_log_status"),
            one_of("kind", SagaKind, "saga_log_kind"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"], name="saga_log_pending", condition=models.Q(status="pending")
            ),
            models.Index(
                fields=["status", "created_at"],
                name="saga_log_unfinished",
                condition=models.Q(status__in=["pending", "failed"]),
            ),
            models.Index(fields=["subject_id", "step"], name="saga_log_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}/{self.step}: {self.status}"


class OutboxStatus(models.TextChoices):
    """`dead` has used up its attempts and waits for a person."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


class OutboxMessage(Row):
    """An event, written in the transaction of the change it tells of; delivered at least once."""

    seq = models.BigIntegerField(db_default=NextVal("outbox_seq"), editable=False)
    topic = models.CharField(max_length=60)
    aggregate_type = models.CharField(max_length=30)
    aggregate_id = models.UUIDField()
    payload = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    status = models.CharField(
        max_length=20, choices=OutboxStatus, default=OutboxStatus.PENDING, db_default="pending"
    )
    attempts = models.PositiveIntegerField(default=0, db_default=0)
    next_attempt_at = models.DateTimeField(db_default=Now())
    delivered_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True, default="", db_default="")

    class Meta:
        db_table = "outbox"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["seq"], name="outbox_seq_once"),
            one_of("status", OutboxStatus, "outbox_status"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["next_attempt_at"],
                name="outbox_pending",
                condition=models.Q(status="pending"),
            ),
            models.Index(fields=["aggregate_type", "aggregate_id"], name="outbox_aggregate"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.seq}"


class InstalledProcedure(Row):
    """What `manage.py procedures install` put into this database, and who reviewed it."""

    name = models.CharField(max_length=63, unique=True)
    sha256 = models.CharField(max_length=64)
    reviewer = models.CharField(max_length=200)
    reviewed_on = models.DateField()
    installed_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "installed_procedures"

    def __str__(self) -> str:
        return self.name
