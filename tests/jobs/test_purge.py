"""What has a lifetime goes when it is over, and nothing else does."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings as shop_settings
from django.db import models
from django.utils import timezone

from commerce.accounts.models import LoginSession, OtpIpCounter, OtpPhone, OtpVerification
from commerce.accounts.tasks import purge_login_records
from commerce.cart.models import Cart, CartItem
from commerce.cart.tasks import purge_idle_carts
from commerce.core.models import (
    IdempotencyKey,
    OutboxMessage,
    RateWindow,
    RequestInFlight,
    SagaStep,
)
from commerce.core.tasks import purge_records
from tests.shop.builder import Shop


def age(row: models.Model, **fields: Any) -> None:
    """Give a row times that Django would set by itself."""
    type(row)._default_manager.filter(pk=row.pk).update(**fields)


def ago(**span: float) -> Any:
    """A moment in the past."""
    return timezone.now() - timedelta(**span)


def test_old_login_records_go(shop: Shop) -> None:
    now = timezone.now()
    for phone, days in (("+919800000001", 3), ("+919800000002", 1)):
        code = OtpVerification.objects.create(phone=phone, code_hash="0", expires_at=now)
        age(code, created_at=ago(days=days))
        OtpPhone.objects.create(phone=phone, window_started_at=ago(days=days), failures=1)
    OtpIpCounter.objects.create(ip="10.0.0.1", window_started_at=ago(days=3))
    OtpIpCounter.objects.create(ip="10.0.0.2", window_started_at=ago(hours=1))
    recent_failure = {"failures_since": ago(hours=1), "window_started_at": ago(days=3)}
    OtpPhone.objects.create(phone="+919800000003", **recent_failure)

    counted = purge_login_records()

    assert counted == {
        "otp_verifications": 1,
        "otp_phones": 1,
        "otp_ip_counters": 1,
        "login_sessions": 0,
    }
    assert [row.phone for row in OtpVerification.objects.all()] == ["+919800000002"]
    left = OtpPhone.objects.order_by("phone").values_list("phone", flat=True)
    assert list(left) == ["+919800000002", "+919800000003"]
    assert [row.ip for row in OtpIpCounter.objects.all()] == ["10.0.0.2"]


def test_logins_past_their_time_go_ended_or_not(shop: Shop) -> None:
    user = shop.user()
    for name, days, over in (
        ("gone", -1, None),
        ("gone too", -2, ago(days=9)),
        ("living", 1, None),
    ):
        LoginSession.objects.create(
            user=user,
            device_name=name,
            expires_at=timezone.now() + timedelta(days=days),
            ended_at=over,
            end_reason="logged_out" if over else "",
        )

    assert purge_login_records()["login_sessions"] == 2

    assert [row.device_name for row in LoginSession.objects.all()] == ["living"]


def test_old_keys_events_and_steps_go(shop: Shop) -> None:
    for span in ({"hours": 72, "minutes": 1}, {"hours": 71, "minutes": 59}, {"hours": 24}):
        key = IdempotencyKey.objects.create(
            owner=uuid.uuid4(), key=f"{span['hours']} h", fingerprint=""
        )
        age(key, created_at=ago(**span))
    for name, minutes in (("dead", 61), ("perhaps alive", 59)):
        RequestInFlight.objects.create(
            fingerprint=name, token=uuid.uuid4(), expires_at=ago(minutes=minutes)
        )
    for days, status in ((31, "delivered"), (29, "delivered"), (31, "dead"), (31, "pending")):
        event = OutboxMessage.objects.create(
            topic="order.shipped", aggregate_type="order", aggregate_id=uuid.uuid4()
        )
        age(event, status=status, delivered_at=ago(days=days), payload={"is": f"{status} {days}"})
    for days, status in ((91, "done"), (89, "done"), (91, "failed"), (91, "pending")):
        SagaStep.objects.create(
            kind="place",
            saga_id=uuid.uuid4(),
            step=f"{status} {days}",
            subject_id=uuid.uuid4(),
            status=status,
            finished_at=ago(days=days),
        )

    for name, minutes in (("over", 1), ("not yet", -1)):
        RateWindow.objects.create(bucket=name, taken=1, ends_at=ago(minutes=minutes))

    counted = purge_records()

    assert counted == {
        "idempotency_keys": 1,
        "requests_in_flight": 1,
        "rate_windows": 1,
        "outbox": 1,
        "saga_log": 1,
    }
    assert {row.key for row in IdempotencyKey.objects.all()} == {"71 h", "24 h"}
    assert [row.fingerprint for row in RequestInFlight.objects.all()] == ["perhaps alive"]
    assert [row.bucket for row in RateWindow.objects.all()] == ["not yet"]
    assert sorted(row.payload["is"] for row in OutboxMessage.objects.all()) == [
        "dead 31",
        "delivered 29",
        "pending 31",
    ]
    steps = SagaStep.objects.order_by("step").values_list("step", flat=True)
    assert list(steps) == ["done 89", "failed 91", "pending 91"]


def test_no_setting_keeps_keys_for_less_than_a_day() -> None:
    program = "from config import settings; print(settings.IDEMPOTENCY_KEEP_HOURS)"

    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=shop_settings.BASE_DIR,
        env=os.environ | {"IDEMPOTENCY_KEEP_HOURS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "24\n"


def test_a_purge_goes_on_beyond_one_batch(shop: Shop, settings: Any) -> None:
    settings.JOB_BATCH_SIZE = 2
    for number in range(5):
        key = IdempotencyKey.objects.create(owner=uuid.uuid4(), key=f"{number}", fingerprint="")
        age(key, created_at=ago(days=30))

    assert purge_records()["idempotency_keys"] == 5


def guest_cart(shop: Shop, word: str, **fields: Any) -> Cart:
    """A guest's cart with one line, idle for longer than carts are kept."""
    token = hashlib.sha256(word.encode()).hexdigest()
    made = shop.add(shop.variant(), token=token)
    Cart.objects.filter(pk=made.cart_id).update(**({"last_active_at": ago(days=31)} | fields))
    return Cart.objects.get(pk=made.cart_id)


def test_idle_guest_carts_go_with_their_lines(shop: Shop) -> None:
    guest_cart(shop, "idle")
    living = guest_cart(shop, "living", last_active_at=ago(days=29))

    assert purge_idle_carts() == (1, 0)

    assert list(Cart.objects.all()) == [living]
    assert [line.cart_id for line in CartItem.objects.all()] == [living.id]


def test_customers_carts_stay_however_old(shop: Shop) -> None:
    cart = shop.cart(shop.user(), {shop.variant(): 1})
    Cart.objects.filter(pk=cart.pk).update(last_active_at=ago(days=400))

    assert purge_idle_carts() == (0, 0)

    assert Cart.objects.count() == 1


def test_a_cart_that_ever_held_stock_stays(shop: Shop) -> None:
    held = shop.checked_out({shop.variant(): 1})
    token = hashlib.sha256(b"odd").hexdigest()
    Cart.objects.filter(pk=held.pk).update(
        user=None, token_hash=token, last_active_at=ago(days=400)
    )

    assert purge_idle_carts() == (0, 0)

    assert Cart.objects.count() == 1
