"""Jobs that end orders nobody paid and finish workflows that were interrupted."""

from __future__ import annotations

import uuid

from django.utils import timezone

from commerce.core.jobs import Tally, job, sweep
from commerce.core.models import SagaStatus, SagaStep
from commerce.orders import resume, workflows
from commerce.orders.models import Order, OrderStatus


@job()
def cancel_expired_orders() -> Tally:
    """Cancel each order whose time to pay is over, and undo what it holds."""
    due = Order.objects.filter(
        status__in=[OrderStatus.CREATED, OrderStatus.PENDING_PAYMENT],
        expires_at__lt=timezone.now(),
    )
    return sweep("cancel_expired_orders", due, _cancel)


def _cancel(order_id: uuid.UUID) -> None:
    workflows.cancel(
        order_id=order_id, actor_kind="system", reason="payment_time_over", if_expired=True
    )


@job()
def resume_workflows() -> Tally:
    """Take the next step of each workflow that has waited for it longer than a request would."""
    due = SagaStep.objects.filter(status=SagaStatus.PENDING, due_at__lte=timezone.now())
    return sweep("resume_workflows", due, _resume)


def _resume(step_id: uuid.UUID) -> bool:
    step = SagaStep.objects.filter(pk=step_id, status=SagaStatus.PENDING).first()
    return step is None or resume.resume(step)
