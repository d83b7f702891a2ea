"""Jobs that end orders nobody paid and finish workflows that were interrupted."""

from __future__ import annotations

import logging
import uuid
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from commerce.core.jobs import Tally, job, sweep
from commerce.core.models import SagaStatus, SagaStep
from commerce.orders import resume, workflows
from commerce.orders.models import Order
from commerce.orders.states import OrderStatus

logger = logging.getLogger("commerce.orders")


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


@job()
def reconcile_workflows() -> Tally:
    """Take overdue steps at once, and tell a person of each that was given up.

    A step is overdue when it has waited twice as long as its workflow is expected to take.
    """
    for step in SagaStep.objects.filter(status=SagaStatus.FAILED).order_by("created_at"):
        logger.error(
            "workflow %s of %s needs a person: step %s was refused with %s",
            step.kind,
            step.saga_id,
            step.step,
            step.last_error,
            extra={
                "saga": str(step.saga_id),
                "step": step.step,
                "subject": str(step.subject_id),
                "attempts": step.attempts,
                "admin": reverse("admin:core_sagastep_change", args=[step.id]),
            },
        )
    since = timezone.now() - timedelta(seconds=2 * settings.SAGA_EXPECTED_SECONDS)
    overdue = SagaStep.objects.filter(status=SagaStatus.PENDING, created_at__lte=since)
    return sweep("reconcile_workflows", overdue, _resume)


def _resume(step_id: uuid.UUID) -> bool:
    step = SagaStep.objects.filter(pk=step_id, status=SagaStatus.PENDING).first()
    return step is None or resume.resume(step)
