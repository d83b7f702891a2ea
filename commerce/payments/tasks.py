"""Jobs that move money matters on when no request does."""

from __future__ import annotations

from django.utils import timezone

from commerce.core.jobs import Tally, job, sweep
from commerce.payments import workflows
from commerce.payments.models import EventStatus, PaymentEvent, Refund, RefundStatus


@job()
def settle_waiting_events() -> Tally:
    """Settle events that were recorded but not yet judged, unmatched ones from time to time."""
    due = PaymentEvent.objects.filter(
        status=EventStatus.RECORDED, next_attempt_at__lte=timezone.now()
    )
    return sweep("settle_waiting_events", due, workflows.settle)


@job()
def submit_refunds() -> Tally:
    """Ask the provider for each refund that it has not confirmed to have taken."""
    due = Refund.objects.filter(status=RefundStatus.INITIATED, next_attempt_at__lte=timezone.now())
    return sweep("submit_refunds", due, workflows.submit_refund)
