"""Payments, the inbox of provider events, and refunds. Written by procedures only."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from commerce.core.ids import NextVal
from commerce.core.models import Row, SoftDeleted, Versioned, money, one_of


class PaymentState(models.TextChoices):
    """`initiated → captured | failed | expired`, and late `failed | expired → captured`."""

    INITIATED = "initiated"
    CAPTURED = "captured"
    FAILED = "failed"
    EXPIRED = "expired"


class Disposition(models.TextChoices):
    """What becomes of captured money: the order keeps it, or it goes back."""

    KEPT = "kept"
    REFUND_DUE = "refund_due"


class Payment(Row, SoftDeleted, Versioned):
    """One attempt to pay an order. `provider` is `cod` for cash on delivery."""

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="payments")
    provider = models.CharField(max_length=20)
    attempt = models.IntegerField()
    amount = money()
    currency = models.CharField(max_length=3, default="INR", db_default="INR")
    status = models.CharField(
        max_length=20, choices=PaymentState, default=PaymentState.INITIATED, db_default="initiated"
    )
    disposition = models.CharField(max_length=20, choices=Disposition, null=True)
    captured_amount = money(null=True)
    provider_order_id = models.CharField(max_length=100, null=True)
    provider_payment_id = models.CharField(max_length=100, null=True)
    failure_code = models.CharField(max_length=100, blank=True, default="", db_default="")
    expires_at = models.DateTimeField(null=True)
    captured_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "payments"
        constraints: ClassVar = [
            one_of("status", PaymentState, "payments_status"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="payments_amount"),
            models.CheckConstraint(
                condition=models.Q(
                    status="captured",
                    disposition__in=["kept", "refund_due"],
                    captured_amount__isnull=False,
                )
                | (~models.Q(status="captured") & models.Q(disposition__isnull=True)),
                name="payments_captured_has_disposition",
            ),
            models.UniqueConstraint(fields=["order", "attempt"], name="payments_attempt_once"),
            models.UniqueConstraint(
                fields=["order"],
                condition=models.Q(status="initiated"),
                name="payments_one_open",
            ),
            models.UniqueConstraint(
                fields=["order"],
                condition=models.Q(disposition="kept"),
                name="payments_one_kept",
            ),
            models.UniqueConstraint(
                fields=["provider", "provider_order_id"], name="payments_provider_order_once"
            ),
            models.UniqueConstraint(
                fields=["provider", "provider_payment_id"], name="payments_provider_payment_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.amount} {self.status}"


class RefundStatus(models.TextChoices):
    """`initiated → processing → succeeded | failed`."""

    INITIATED = "initiated"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Refund(Row, SoftDeleted, Versioned):
    """Money on its way back; its id is the key under which the provider is asked."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="refunds")
    return_request = models.ForeignKey(
        "orders.Return",
        on_delete=models.PROTECT,
        null=True,
        related_name="refunds",
        db_column="return_id",
    )
    provider = models.CharField(max_length=20)
    amount = money()
    currency = models.CharField(max_length=3, default="INR", db_default="INR")
    reason = models.CharField(max_length=200, blank=True, default="", db_default="")
    status = models.CharField(
        max_length=20, choices=RefundStatus, default=RefundStatus.INITIATED, db_default="initiated"
    )
    provider_refund_id = models.CharField(max_length=100, null=True)
    failure_code = models.CharField(max_length=100, blank=True, default="", db_default="")
    attempts = models.PositiveIntegerField(default=0, db_default=0)
    next_attempt_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "refunds"
        constraints: ClassVar = [
            one_of("status", RefundStatus, "refunds_status"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="refunds_amount"),
            models.UniqueConstraint(
                fields=["provider", "provider_refund_id"], name="refunds_provider_once"
            ),
            models.UniqueConstraint(
                fields=["return_request"],
                condition=models.Q(return_request__isnull=False) & ~models.Q(status="failed"),
                name="refunds_one_per_return",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["next_attempt_at"],
                name="refunds_waiting",
                condition=models.Q(status__in=["initiated", "processing"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.status}"


class RefundItem(Row):
    """The part of a refund that pays back units of one order line."""

    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="items")
    order_item = models.ForeignKey(
        "orders.OrderItem", on_delete=models.PROTECT, related_name="refund_items"
    )
    quantity = models.IntegerField()
    amount = money()

    class Meta:
        db_table = "refund_items"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["refund", "order_item"], name="refund_items_once"),
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0, amount__gte=0), name="refund_items_positive"
            ),
        ]


class EventSource(models.TextChoices):
    """Which way an event reached us."""

    WEBHOOK = "webhook"
    CLIENT = "client"
    PROVIDER = "provider"


class EventKind(models.TextChoices):
    """What an event tells."""

    PAYMENT_CAPTURED = "payment.captured"
    PAYMENT_FAILED = "payment.failed"
    REFUND_PROCESSING = "refund.processing"
    REFUND_PROCESSED = "refund.processed"
    REFUND_FAILED = "refund.failed"


class EventStatus(models.TextChoices):
    """`recorded` waits for `verify_payment`."""

    RECORDED = "recorded"
    SETTLED = "settled"


class EventOutcome(models.TextChoices):
    """What `verify_payment` made of it; empty while it waits. `unmatched` is tried again."""

    WAITING = ""
    SETTLED = "settled"
    DUPLICATE = "duplicate"
    LATE = "late"
    MISMATCH = "mismatch"
    UNMATCHED = "unmatched"


class PaymentEvent(Row):
    """A signature-checked message of a provider, kept as it came, settled once."""

    seq = models.BigIntegerField(db_default=NextVal("payment_events_seq"), editable=False)
    provider = models.CharField(max_length=20)
    event_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=30, choices=EventKind)
    source = models.CharField(max_length=10, choices=EventSource)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, null=True, related_name="provider_events"
    )
    refund = models.ForeignKey(
        Refund, on_delete=models.PROTECT, null=True, related_name="provider_events"
    )
    provider_order_id = models.CharField(max_length=100, null=True)
    provider_payment_id = models.CharField(max_length=100, null=True)
    provider_refund_id = models.CharField(max_length=100, null=True)
    amount = money(null=True)
    currency = models.CharField(max_length=3, null=True)
    raw_body = models.TextField()
    status = models.CharField(
        max_length=20, choices=EventStatus, default=EventStatus.RECORDED, db_default="recorded"
    )
    outcome = models.CharField(
        max_length=20, choices=EventOutcome, blank=True, default="", db_default=""
    )
    note = models.CharField(max_length=300, blank=True, default="", db_default="")
    attempts = models.PositiveIntegerField(default=0, db_default=0)
    next_attempt_at = models.DateTimeField(db_default=Now())
    settled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "payment_events"
        constraints: ClassVar = [
            one_of("kind", EventKind, "payment_events_kind"),
            one_of("source", EventSource, "payment_events_source"),
            one_of("status", EventStatus, "payment_events_status"),
            one_of("outcome", EventOutcome, "payment_events_outcome"),
            models.UniqueConstraint(fields=["provider", "event_id"], name="payment_events_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["next_attempt_at"],
                name="payment_events_waiting",
                condition=models.Q(status="recorded"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.kind} {self.event_id}"
