"""The job that gives back coupon slots whose time is over."""

from __future__ import annotations

import uuid

from django.utils import timezone

from commerce.core.jobs import Tally, job, sweep
from commerce.core.procedures import call
from commerce.coupons.models import CouponUsage, UsageStatus


@job()
def expire_coupon_slots() -> Tally:
    """Roll back each reserved slot past its lifetime; its cart keeps the code and tries again."""
    due = CouponUsage.objects.filter(status=UsageStatus.RESERVED, expires_at__lt=timezone.now())
    return sweep("expire_coupon_slots", due, _expire)


def _expire(usage_id: uuid.UUID) -> None:
    call("rollback_coupon", p_usage_id=usage_id, p_reason="expired", p_only_expired=True)
