"""Place, cancel, return: each step is one procedure that is harmless when repeated.

The procedures record in `saga_log` what comes next, so whatever interrupts one of these functions,
`commerce.orders.resume` goes on from there.
"""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings

from commerce.core.models import SagaKind, SagaStatus, SagaStep
from commerce.core.procedures import ProcedureError, Result, call
from commerce.orders import resume
from commerce.payments.workflows import COD, register_cash

logger = logging.getLogger("commerce.orders")


def place(
    user_id: UUID,
    *,
    address_id: UUID,
    payment_method: str,
    expected_total: Decimal,
    key: dict[str, Any],
) -> Result:
    """Turn the checked-out cart into an order; answers `order_id` and `replayed`."""
    created = call(
        "create_order",
        p_user_id=user_id,
        p_address_id=address_id,
        p_payment_method=payment_method,
        p_expected_total=expected_total,
        p_payment_window_seconds=settings.PAYMENT_WINDOW_SECONDS,
        p_cod_max_total=settings.COD_MAX_TOTAL,
        **key,
    )
    try:
        finish_placing(created.order_id, payment_method)
    except ProcedureError as refusal:
        if created.replayed:
            return created  # what a repetition finds undone was decided after the first answer
        logger.warning("order given up: %s", refusal.code, extra={"order": str(created.order_id)})
        cancel(order_id=created.order_id, actor_kind="system", reason=refusal.code)
        raise
    return created


def finish_placing(order_id: UUID, payment_method: str) -> None:
    """Freeze the prices; cash on delivery is then confirmed and its stock leaves."""
    call("freeze_order_pricing", p_order_id=order_id)
    if payment_method == COD:
        register_cash(order_id)
        call("decrease_inventory", p_order_id=order_id)


def cancel(
    *,
    order_id: UUID,
    actor_kind: str,
    reason: str,
    actor_id: UUID | None = None,
    user_id: UUID | None = None,
    if_expired: bool = False,
    key: dict[str, Any] | None = None,
) -> Result:
    """Cancel an order and undo what it holds: stock, coupon, money."""
    cancelled = call(
        "cancel_order",
        p_order_id=order_id,
        p_user_id=user_id,
        p_actor_id=actor_id,
        p_actor_kind=actor_kind,
        p_reason=reason,
        p_if_expired=if_expired,
        p_line_max=settings.CART_LINE_MAX,
        **(key or {}),
    )
    if cancelled.status == "cancelled":
        go_on(SagaKind.CANCEL, order_id)
    return cancelled


def move(order_id: UUID, to: str, **params: Any) -> Result:
    """Move an order along; one that comes back undelivered is undone like a cancelled one."""
    moved = call("update_order_status", p_order_id=order_id, p_to=to, **params)
    if moved.status == "returned_to_origin":
        go_on(SagaKind.CANCEL, order_id)
    return moved


def move_return(return_id: UUID, to: str, **params: Any) -> Result:
    """Move a return along; received goods are restocked, paid back and the return closed."""
    moved = call("update_return_status", p_return_id=return_id, p_to=to, **params)
    if to == "received":
        go_on(SagaKind.RETURN, return_id)
    return moved


def go_on(kind: SagaKind, saga_id: UUID) -> None:
    """Take the pending steps of a workflow now; one that fails is left to the job."""
    pending = SagaStep.objects.filter(kind=kind, saga_id=saga_id, status=SagaStatus.PENDING)
    for step in sorted(pending, key=resume.turn):
        resume.resume(step)
