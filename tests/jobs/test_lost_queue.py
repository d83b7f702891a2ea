"""What was queued may be lost: the schedule finds the same work in the database."""

from __future__ import annotations

from typing import Any

import pytest
from celery.schedules import crontab
from django.conf import settings as shop_settings

from commerce.accounts.models import User
from commerce.core.jobs import Job
from commerce.core.models import OutboxMessage
from commerce.orders.models import Order
from commerce.payments.models import Refund
from config.celery import app
from tests.api.conftest import Api, api
from tests.shop.builder import Shop
from tests.shop.outages import OUTAGES, OwnRedis, queue_at

__all__ = ["api"]
QUEUE = "celery"


def run_the_schedule() -> None:
    """Two runs of each job that beat starts by day, since one may leave work to another."""
    app.loader.import_default_modules()
    for entry in [*shop_settings.CELERY_BEAT_SCHEDULE.values()] * 2:
        if not isinstance(entry["schedule"], crontab):
            scheduled: Job[[], Any] = app.tasks[entry["task"]]
            scheduled()


def refund(api: Api, desk: User, order: Order, key: str) -> Any:
    """The order desk pays everything back."""
    path = f"/api/v1/orders/{order.id}/refunds"
    return api(desk).post(path, {"reason": "goodwill"}, headers={"Idempotency-Key": key})


def test_a_refund_whose_message_was_lost_is_paid_by_the_schedule(
    shop: Shop, api: Api, redis: OwnRedis
) -> None:
    order = shop.delivered({shop.variant("500.00"): 1})
    with queue_at(redis.broker_url):
        assert refund(api, shop.staff(), order, shop.key()).status_code == 201
        assert redis.queue.llen(QUEUE) == 1
        redis.flush()
        assert redis.queue.llen(QUEUE) == 0
        assert Refund.objects.get().status == "initiated"

        run_the_schedule()

    assert Refund.objects.get().status == "succeeded"
    assert OutboxMessage.objects.exclude(status="delivered").count() == 0
    shop.audit()


@pytest.mark.parametrize("outage", ["stopped", "hung", "full"])
def test_a_refund_is_taken_without_a_queue_and_paid_by_the_schedule(
    shop: Shop, api: Api, redis: OwnRedis, outage: str
) -> None:
    order = shop.delivered({shop.variant("500.00"): 1})
    desk, key = shop.staff(), shop.key()
    OUTAGES[outage](redis)
    with queue_at(redis.broker_url):
        first = refund(api, desk, order, key)
        second = refund(api, desk, order, key)

        run_the_schedule()

    assert (first.status_code, second.content) == (201, first.content)
    assert [one.status for one in Refund.objects.all()] == ["succeeded"]
    shop.audit()
