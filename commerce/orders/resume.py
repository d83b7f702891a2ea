"""Takes the next step of a workflow from its `saga_log` row: the same call, request or job.

A refusal is counted and tried again later; when it has been refused `SAGA_MAX_ATTEMPTS` times the
step's compensation is called, and a step without one is marked failed for a person.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.utils import timezone

from commerce.core.backoff import next_attempt_after
from commerce.core.errors import ProblemError
from commerce.core.models import SagaKind, SagaStatus, SagaStep
from commerce.core.procedures import call
from commerce.payments.workflows import refund, register_cash

logger = logging.getLogger("commerce.orders")


def resume(step: SagaStep) -> bool:
    """Take a pending step, which its procedure marks done; False when it was refused."""
    try:
        STEPS[step.step](step)
    except ProblemError as refusal:
        put_off(step, refusal)
        return False
    except Exception:  # a fault of ours must not leave the step due for ever, uncounted
        logger.exception("saga step %s failed", step.step, extra={"saga": str(step.saga_id)})
        put_off(step, ProblemError("internal_error"))
        return False
    return True


def turn(step: SagaStep) -> int:
    """Whose turn comes first where several steps wait: goods before money, money before closing."""
    known = list(STEPS)
    return known.index(step.step) if step.step in STEPS else len(known)


def put_off(step: SagaStep, refusal: ProblemError) -> None:
    """Count the refusal; after the last one compensate, or leave the step to a person."""
    attempts = step.attempts + 1
    given_up = attempts >= settings.SAGA_MAX_ATTEMPTS and refusal.status < 500
    logger.log(
        logging.ERROR if given_up else logging.WARNING,
        "saga step %s refused: %s",
        step.step,
        refusal.code,
        extra={"saga": str(step.saga_id), "step": step.step, "attempts": attempts},
    )
    changes: dict[str, Any] = {"attempts": attempts, "last_error": refusal.code}
    if not given_up:
        changes["due_at"] = next_attempt_after(attempts)
    elif compensated(step):
        changes |= {"status": SagaStatus.CANCELLED, "finished_at": timezone.now()}
    else:
        changes["status"] = SagaStatus.FAILED
    SagaStep.objects.filter(id=step.id, status=SagaStatus.PENDING).update(**changes)


def compensated(step: SagaStep) -> bool:
    """Undo a workflow that cannot go on; False when it has no compensation or that failed too."""
    if step.compensation != "cancel_order":
        return False
    try:
        call(
            "cancel_order",
            p_order_id=step.subject_id,
            p_actor_kind="system",
            p_reason=step.step,
            p_line_max=settings.CART_LINE_MAX,
        )
    except ProblemError:
        logger.exception("compensation failed", extra={"saga": str(step.saga_id)})
        return False
    return True


def _freeze(step: SagaStep) -> None:
    call("freeze_order_pricing", p_order_id=step.subject_id)


def _register(step: SagaStep) -> None:
    register_cash(step.subject_id)


def _decrease(step: SagaStep) -> None:
    call("decrease_inventory", p_order_id=step.subject_id)


def _release(step: SagaStep) -> None:
    call("release_inventory", p_order_id=step.subject_id, p_reason="order_cancelled")


def _restore(step: SagaStep) -> None:
    subject = "p_return_id" if step.kind == SagaKind.RETURN else "p_order_id"
    call("restore_inventory", **{subject: step.subject_id})


def _rollback(step: SagaStep) -> None:
    call("rollback_coupon", p_order_id=step.subject_id, p_reason="order_cancelled")


def _refund(step: SagaStep) -> None:
    if step.kind == SagaKind.RETURN:
        refund(return_id=step.subject_id, reason="returned")
        _close_return(step)
    else:
        refund(payment_id=step.subject_id, reason=step.payload.get("reason") or step.kind)


def _close_return(step: SagaStep) -> None:
    call(
        "update_return_status",
        p_return_id=step.subject_id,
        p_to="closed",
        p_actor_id=None,
        p_actor_kind="system",
    )


STEPS: Mapping[str, Callable[[SagaStep], None]] = MappingProxyType(
    {
        "freeze_order_pricing": _freeze,
        "register_payment_attempt": _register,
        "decrease_inventory": _decrease,
        "release_inventory": _release,
        "restore_inventory": _restore,
        "rollback_coupon": _rollback,
        "initiate_refund": _refund,
        "update_return_status": _close_return,
    }
)
