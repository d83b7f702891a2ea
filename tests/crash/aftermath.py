"""What is done and looked at after a crash: time passes, the jobs run, the books are read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import models
from django.utils import timezone

from commerce.audit.invariants import violations
from commerce.cart.models import Cart, CartItem
from commerce.core.jobs import Job, Tally
from commerce.core.models import IdempotencyKey, OutboxMessage, SagaStep
from commerce.core.tasks import relay_outbox
from commerce.coupons.models import CouponUsage
from commerce.inventory.models import Inventory, StockLedgerEntry, StockReservation
from commerce.orders.models import Order, OrderEvent, OrderItem, Return, ReturnItem
from commerce.orders.tasks import cancel_expired_orders, resume_workflows
from commerce.payments.models import Payment, PaymentEvent, Refund, RefundItem
from commerce.payments.tasks import settle_waiting_events, submit_refunds

ROUNDS = 8
JOBS: tuple[Job[[], Tally], ...] = (
    *(cancel_expired_orders, resume_workflows),
    *(submit_refunds, settle_waiting_events, relay_outbox),
)
BOOKS: tuple[type[models.Model], ...] = (
    *(Order, OrderItem, OrderEvent, Return, ReturnItem, Payment, PaymentEvent, Refund, RefundItem),
    *(Inventory, StockLedgerEntry, StockReservation, CouponUsage, Cart, CartItem),
    *(OutboxMessage, SagaStep, IdempotencyKey),
)
# Names, keys and texts that differ from one run to the next, and what counts attempts
PASSING = frozenset(
    "number sku product_slug name size key fingerprint body raw_body payload payload_hash seq "
    "event_id provider_order_id provider_payment_id provider_refund_id attempts last_error "
    "reason token_hash note shipping_address reference".split()
)
PASSING_KINDS = (models.UUIDField, models.ForeignKey, models.DateTimeField)


def let_jobs_finish() -> None:
    """Let all that waits fall due and each job take it, until nothing waits any more."""
    waiting = left_by_jobs()
    assert not waiting, f"The jobs never finish: {waiting} things still wait."


def left_by_jobs() -> int:
    """How many things still wait after the jobs have had every chance to take them."""
    for _ in range(ROUNDS):
        if not make_due():
            return 0
        for job in JOBS:
            job()
    return make_due()


def make_due() -> int:
    """Let the time of back-off and leases pass; answers how many things wait."""
    now = timezone.now()
    return (
        SagaStep.objects.filter(status="pending").update(due_at=now)
        + PaymentEvent.objects.filter(status="recorded").update(next_attempt_at=now)
        + Refund.objects.filter(status="initiated").update(next_attempt_at=now)
        + OutboxMessage.objects.filter(status="pending").update(next_attempt_at=now)
        + Order.objects.filter(
            status__in=["created", "pending_payment"], expires_at__lt=now
        ).count()
    )


def audit_without_grace() -> list[str]:
    """What the audit finds when nothing may be left for later."""
    return [f"{one.invariant}: {one.detail}" for one in violations(timedelta(0))]


def books() -> dict[str, list[Any]]:
    """Every row that the shop keeps, without what differs from one run to the next."""
    state: dict[str, list[Any]] = {}
    for model in BOOKS:
        names = [
            one.name
            for one in model._meta.concrete_fields
            if one.name not in PASSING and not isinstance(one, PASSING_KINDS)
        ]
        rows = model._default_manager.values(*names)
        state[model._meta.db_table] = sorted(str(sorted(row.items())) for row in rows)
    return state


def difference(left: dict[str, list[Any]], right: dict[str, list[Any]]) -> list[str]:
    """The rows that only one of two books has."""
    found: list[str] = []
    for table in left:
        for sign, one, other in (("-", left, right), ("+", right, left)):
            rest = list(other[table])
            for row in one[table]:
                if row in rest:
                    rest.remove(row)
                else:
                    found.append(f"{sign} {table} {row}")
    return found
