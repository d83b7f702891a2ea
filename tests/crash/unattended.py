"""What jobs take on, prepared up to the run that does it."""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType

from django.utils import timezone

from commerce.core.models import SagaStep
from commerce.core.procedures import call
from commerce.orders.models import Order
from tests.crash.doomed import Request
from tests.crash.workflows import Workflow, asked_back, awaiting, cancelled, moved
from tests.shop.builder import Shop


def job(name: str) -> Request:
    return Request(f"/jobs/commerce.{name}")


def expired_order(shop: Shop) -> Request:
    order = awaiting(shop)
    Order.objects.filter(id=order.id).update(expires_at=timezone.now() - timedelta(seconds=1))
    return job("orders.tasks.cancel_expired_orders")


def unfinished_return(shop: Shop) -> Request:
    back = asked_back(shop)
    moved(back, "approved")
    moved(back, "received")
    return overdue_steps()


def unfinished_cancellation(shop: Shop) -> Request:
    shop.coupon("SAVE10", total_limit=1)
    cancelled(shop.paid({shop.variant("500.00", stock=5): 2}, coupon="SAVE10"))
    return overdue_steps()


def overdue_steps() -> Request:
    SagaStep.objects.filter(status="pending").update(due_at=timezone.now())
    return job("orders.tasks.resume_workflows")


def waiting_event(shop: Shop) -> Request:
    shop.event(shop.attempt(awaiting(shop)))
    return job("payments.tasks.settle_waiting_events")


def waiting_refund(shop: Shop) -> Request:
    order = shop.delivered({shop.variant("500.00"): 1})
    call("initiate_refund", p_order_id=order.id, p_reason="goodwill")
    return job("payments.tasks.submit_refunds")


def waiting_messages(shop: Shop) -> Request:
    shop.delivered({shop.variant("500.00"): 1})
    return job("core.tasks.relay_outbox")


JOBS: MappingProxyType[str, tuple[Workflow, str]] = MappingProxyType(
    {
        "expire an order": (
            expired_order,
            "cancel_order release_inventory rollback_coupon its-end",
        ),
        "resume a return": (
            unfinished_return,
            "restore_inventory initiate_refund update_return_status its-end",
        ),
        "resume a cancellation": (
            unfinished_cancellation,
            "restore_inventory rollback_coupon initiate_refund its-end",
        ),
        "settle an event": (waiting_event, "verify_payment decrease_inventory its-end"),
        "submit a refund": (waiting_refund, "refunds payment_webhook verify_payment its-end"),
        "relay messages": (waiting_messages, "outbox outbox outbox outbox outbox its-end"),
    }
)
