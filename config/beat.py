"""When each scheduled job runs.

A run that no worker took before the next one is due expires, so that a stopped worker finds no
pile of them when it comes back.
"""

from __future__ import annotations

from celery.schedules import crontab

SECOND = 1.0
MINUTE = 60.0
HOUR = 3600.0


def every(task: str, seconds: float) -> dict[str, object]:
    """Run the task again and again."""
    return {"task": task, "schedule": seconds, "options": {"expires": seconds}}


def nightly(task: str, minute: int) -> dict[str, object]:
    """Run the task at night (Indian time), when few people shop."""
    schedule = crontab(hour="3", minute=str(minute))
    return {"task": task, "schedule": schedule, "options": {"expires": HOUR}}


SCHEDULE: dict[str, dict[str, object]] = {
    "keep shelf": every("commerce.catalog.tasks.keep_shelf", SECOND),
    "relay outbox": every("commerce.core.tasks.relay_outbox", 3 * SECOND),
    "settle waiting events": every("commerce.payments.tasks.settle_waiting_events", 15 * SECOND),
    "submit refunds": every("commerce.payments.tasks.submit_refunds", 15 * SECOND),
    "expire holds": every("commerce.inventory.tasks.expire_holds", MINUTE),
    "expire coupon slots": every("commerce.coupons.tasks.expire_coupon_slots", MINUTE),
    "cancel expired orders": every("commerce.orders.tasks.cancel_expired_orders", MINUTE),
    "resume workflows": every("commerce.orders.tasks.resume_workflows", MINUTE),
    "reconcile workflows": every("commerce.orders.tasks.reconcile_workflows", HOUR),
    "audit books": every("commerce.audit.tasks.audit_books", 15 * MINUTE),
    "purge records": nightly("commerce.core.tasks.purge_records", 10),
    "purge login records": nightly("commerce.accounts.tasks.purge_login_records", 20),
    "purge audits": nightly("commerce.audit.tasks.purge_audits", 40),
    "purge idle carts": nightly("commerce.cart.tasks.purge_idle_carts", 30),
}
