"""Attempt, settle, refund: the workflows between the shop and its payment providers.

A foreign system is met in three beats: record the intent with a key, call outside any lock with
that key, record the answer as an event. Only `verify_payment` turns an event into money.
"""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.db.models import F

from commerce.core.backoff import next_attempt_after
from commerce.core.procedures import Result, call
from commerce.core.queue import handed_over
from commerce.payments.models import (
    Disposition,
    EventOutcome,
    EventSource,
    Payment,
    Refund,
    RefundStatus,
)
from commerce.payments.providers import ProviderEvent, provider
from commerce.payments.reads import OwnPayment

logger = logging.getLogger("commerce.payments")
COD = "cod"
TO_REFUND = frozenset({EventOutcome.LATE, EventOutcome.MISMATCH})
SUBMIT_REFUNDS = "commerce.payments.tasks.submit_refunds"


def start_attempt(order_id: UUID, user_id: UUID, provider_name: str, key: dict[str, Any]) -> Result:
    """Open (or find open) an attempt to pay; answers with the provider's order id."""
    gate = provider(provider_name)
    window = settings.PAYMENT_WINDOW_SECONDS
    made = call(
        "register_payment_attempt",
        p_order_id=order_id,
        p_user_id=user_id,
        p_provider=provider_name,
        p_window_seconds=window,
        **key,
    )
    if made.provider_order_id or made.status != "initiated":
        return made
    provider_order_id = gate.create_order(made.payment_id, made.amount, made.currency)
    return call(
        "register_payment_attempt",
        p_order_id=order_id,
        p_user_id=user_id,
        p_provider=provider_name,
        p_window_seconds=window,
        p_payment_id=made.payment_id,
        p_provider_order_id=provider_order_id,
    )


def register_cash(order_id: UUID) -> None:
    """Confirm an order that is to be paid in cash at the door."""
    call(
        "register_payment_attempt",
        p_order_id=order_id,
        p_provider=COD,
        p_window_seconds=settings.PAYMENT_WINDOW_SECONDS,
    )


def record(provider_name: str, event: ProviderEvent, source: str) -> UUID:
    """Record a signature-checked event, once per provider and event id; returns our id of it."""
    recorded = call(
        "payment_webhook",
        p_provider=provider_name,
        p_event_id=event.event_id,
        p_kind=event.kind,
        p_source=source,
        p_provider_order_id=event.provider_order_id,
        p_provider_payment_id=event.provider_payment_id,
        p_provider_refund_id=event.provider_refund_id,
        p_refund_id=event.refund_id,
        p_amount=event.amount,
        p_currency=event.currency,
        p_raw_body=event.raw,
    )
    event_id: UUID = recorded.event_id
    return event_id


def settle(event_id: UUID) -> Result:
    """Settle a recorded event and do what follows: stock leaves, or the money goes back."""
    settled = call("verify_payment", p_event_id=event_id)
    if trouble := _trouble(settled):
        logger.error(trouble, extra={"event_id": str(event_id)})
    if settled.refund_id is None and settled.payment_id is not None:
        if settled.outcome == EventOutcome.SETTLED and settled.order_status == "confirmed":
            call("decrease_inventory", p_order_id=settled.order_id)
        elif settled.outcome in TO_REFUND and _is_due_back(settled.payment_id):
            refund(payment_id=settled.payment_id, reason=f"payment_{settled.outcome}")
    return settled


def _trouble(settled: Result) -> str:
    """What a person must look at, empty when nobody must."""
    if settled.outcome == EventOutcome.MISMATCH:
        return "payment event contradicts the books"
    moved = settled.refund_id if settled.outcome == EventOutcome.SETTLED else None
    if moved and Refund.objects.filter(id=moved, status=RefundStatus.FAILED).exists():
        return "refund failed at the provider"
    return ""


def _is_due_back(payment_id: UUID) -> bool:
    """Whether money was booked; a capture in another currency is only noted."""
    due_back = Payment.objects.filter(id=payment_id, disposition=Disposition.REFUND_DUE)
    return due_back.exists()


def refund(*, reason: str, **params: Any) -> Result:
    """Initiate a refund and hand it to the worker that asks the provider.

    `params` are those of `initiate_refund` without their `p_`. The channel of a refund for cash on
    delivery is `COD_REFUND_PROVIDER`.
    """
    made = call(
        "initiate_refund",
        p_reason=reason,
        p_provider=settings.COD_REFUND_PROVIDER,
        **{f"p_{name}": value for name, value in params.items()},
    )
    if made.refund_id is not None and not made.replayed:
        start_job(SUBMIT_REFUNDS)
    return made


def start_job(name: str) -> None:
    """Have a worker run a job now; without a broker, its schedule does so a little later."""
    if not handed_over(current_app.send_task, name):
        logger.warning("not enqueued, left to its schedule", extra={"job": name})


def submit_refund(refund_id: UUID) -> None:
    """Ask the provider for an initiated refund under our key, and settle its answer."""
    row = Refund.objects.select_related("payment").get(id=refund_id)
    if row.status != RefundStatus.INITIATED:
        return
    Refund.objects.filter(id=refund_id).update(
        attempts=F("attempts") + 1, next_attempt_at=next_attempt_after(row.attempts + 1)
    )
    answer = provider(row.provider).refund(
        row.id, row.payment.provider_payment_id, row.amount, row.currency
    )
    settle(record(row.provider, answer, EventSource.PROVIDER))


def verify_client_return(
    payment: Payment | OwnPayment, provider_order_id: str, provider_payment_id: str
) -> Result:
    """Settle the capture that the client brought back with a signature that holds."""
    event = ProviderEvent(
        event_id=f"client:{provider_payment_id}",
        kind="payment.captured",
        raw=f"{provider_order_id}|{provider_payment_id}",
        provider_order_id=provider_order_id,
        provider_payment_id=provider_payment_id,
        amount=payment.amount,
        currency=payment.currency,
    )
    return settle(record(payment.provider, event, EventSource.CLIENT))
