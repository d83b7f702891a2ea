"""`verify_payment` on payments: what a capture or failure makes of the order, whenever it comes."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from commerce.core.models import OutboxMessage, SagaStep
from commerce.core.procedures import Result, call
from commerce.coupons.models import CouponUsage
from commerce.orders.models import Order
from commerce.payments.models import Payment, PaymentEvent
from tests.shop.builder import Shop
from tests.shop.locks import assert_locks, at_once
from tests.shop.refusals import refusal

NAME = "verify_payment"
TOTAL = Decimal("998.00")


@pytest.fixture
def order(shop: Shop) -> Order:
    """An online order of 998.00 that awaits payment."""
    return shop.placed({shop.variant("499.00"): 2})


@pytest.fixture
def payment(shop: Shop, order: Order) -> Payment:
    """Its open attempt."""
    return shop.attempt(order)


def told(shop: Shop, payment: Payment, kind: str = "payment.captured", **params: Any) -> Result:
    """The settlement of one event about the payment."""
    return shop.settle(shop.event(payment, kind, **params))


def next_steps() -> list[tuple[str, str, uuid.UUID, dict[str, str]]]:
    """What the settlement saga has yet to do."""
    return list(
        SagaStep.objects.filter(kind="settle", status="pending")
        .order_by("created_at")
        .values_list("kind", "step", "subject_id", "payload")
    )


def test_capture_confirms_the_order(shop: Shop, order: Order, payment: Payment) -> None:
    event = shop.event(payment)

    settled = shop.settle(event)

    assert dict(settled) == {
        "outcome": "settled",
        "order_id": order.id,
        "payment_id": payment.id,
        "refund_id": None,
        "order_status": "confirmed",
    }
    before = order.version
    order.refresh_from_db()
    assert (order.status, order.payment_status, order.expires_at, order.version) == (
        "confirmed",
        "paid",
        None,
        before + 1,
    )
    assert order.confirmed_at is not None
    payment.refresh_from_db()
    assert (payment.status, payment.disposition, payment.captured_amount) == (
        "captured",
        "kept",
        TOTAL,
    )
    assert (payment.provider_payment_id, payment.captured_at is not None) == (
        f"pay_{payment.id.hex}",
        True,
    )


def test_capture_is_written_down(shop: Shop, order: Order, payment: Payment) -> None:
    event = shop.event(payment)

    shop.settle(event)

    order.refresh_from_db()
    last = order.events.latest("seq")
    assert (last.seq, last.from_status, last.to_status, last.actor_kind, last.actor_id) == (
        order.version,
        "pending_payment",
        "confirmed",
        "system",
        None,
    )
    message = OutboxMessage.objects.get(topic="order.confirmed")
    assert message.payload == {
        "order_id": str(order.id),
        "number": order.number,
        "user_id": str(order.user_id),
        "total": "998.00",
        "payment_method": "online",
    }
    assert next_steps() == [("settle", "decrease_inventory", order.id, {})]
    assert SagaStep.objects.get(kind="settle").saga_id == event.event_id
    kept = PaymentEvent.objects.get()
    assert (kept.status, kept.outcome, kept.note, kept.attempts) == ("settled", "settled", "", 1)
    assert kept.settled_at is not None


def test_capture_redeems_the_coupon(shop: Shop) -> None:
    shop.coupon("SAVE10")
    order = shop.placed({shop.variant("499.00"): 2}, coupon="SAVE10")
    assert CouponUsage.objects.get().status == "bound"

    told(shop, shop.attempt(order))

    assert CouponUsage.objects.get().status == "redeemed"


def test_settled_event_tells_its_outcome_again(shop: Shop, order: Order, payment: Payment) -> None:
    event = shop.event(payment)
    first = shop.settle(event)
    order.refresh_from_db()

    second = shop.settle(event)

    assert dict(second) == dict(first)
    assert Order.objects.get().version == order.version
    assert PaymentEvent.objects.get().attempts == 1


def test_same_capture_by_another_event_is_a_duplicate(
    shop: Shop, order: Order, payment: Payment
) -> None:
    told(shop, payment)
    order.refresh_from_db()

    second = told(shop, payment, p_source="client")
    nameless = told(shop, payment, p_provider_payment_id=None)

    assert (second.outcome, nameless.outcome) == ("duplicate", "duplicate")
    assert second.order_status == "confirmed"
    assert Order.objects.get().version == order.version
    assert Payment.objects.count() == 1


def test_two_events_of_one_capture_at_once_settle_once(shop: Shop, payment: Payment) -> None:
    first, second = shop.event(payment), shop.event(payment, p_source="client")

    results = at_once(lambda: shop.settle(first), lambda: shop.settle(second))

    assert sorted(one.outcome for one in results) == ["duplicate", "settled"]
    assert OutboxMessage.objects.filter(topic="order.confirmed").count() == 1
    shop.audit()


def test_one_event_settled_twice_at_once_settles_once(shop: Shop, payment: Payment) -> None:
    event = shop.event(payment)

    results = at_once(lambda: shop.settle(event), lambda: shop.settle(event))

    assert [one.outcome for one in results] == ["settled", "settled"]
    assert PaymentEvent.objects.get().attempts == 1
    assert OutboxMessage.objects.filter(topic="order.confirmed").count() == 1


def test_order_past_its_time_but_not_cancelled_is_honoured(
    shop: Shop, order: Order, payment: Payment
) -> None:
    Order.objects.update(expires_at=timezone.now() - timedelta(minutes=5))

    settled = told(shop, payment)

    assert (settled.outcome, settled.order_status) == ("settled", "confirmed")


def test_failure_ends_the_attempt(shop: Shop, order: Order, payment: Payment) -> None:
    settled = told(shop, payment, "payment.failed")

    assert (settled.outcome, settled.order_status) == ("settled", "pending_payment")
    payment.refresh_from_db()
    assert (payment.status, payment.failure_code) == ("failed", "declined_by_provider")
    assert next_steps() == []


def test_failure_after_the_capture_changes_nothing(shop: Shop, payment: Payment) -> None:
    told(shop, payment)

    second = told(shop, payment, "payment.failed")

    assert (second.outcome, second.order_status) == ("duplicate", "confirmed")
    assert Payment.objects.get().status == "captured"


def test_event_of_no_known_payment_waits_longer_each_time(shop: Shop) -> None:
    event = call(
        "payment_webhook",
        p_provider="sandbox",
        p_event_id="evt_1",
        p_kind="payment.captured",
        p_source="webhook",
        p_raw_body="{}",
        p_provider_order_id="po_unknown",
        p_amount=TOTAL,
        p_currency="INR",
    )
    waits = []
    for _ in range(2):
        started = timezone.now()
        outcome = shop.settle(event)
        kept = PaymentEvent.objects.get()
        waits.append(round((kept.next_attempt_at - started).total_seconds()))
        assert dict(outcome) == {
            "outcome": "unmatched",
            "order_id": None,
            "payment_id": None,
            "refund_id": None,
            "order_status": None,
        }
    assert waits == [2, 4]
    assert (kept.status, kept.outcome, kept.attempts) == ("recorded", "unmatched", 2)
    assert kept.note == "no payment or refund of ours has these ids yet"

    PaymentEvent.objects.update(attempts=40)
    shop.settle(event)
    wait = PaymentEvent.objects.get().next_attempt_at - timezone.now()
    assert timedelta(minutes=59) < wait <= timedelta(hours=1)


def test_unmatched_event_settles_once_its_payment_is_known(shop: Shop, payment: Payment) -> None:
    known_as = payment.provider_order_id
    Payment.objects.update(provider_order_id=None)
    event = shop.event(payment)
    assert shop.settle(event).outcome == "unmatched"
    Payment.objects.update(provider_order_id=known_as)

    settled = shop.settle(event)

    assert (settled.outcome, settled.order_status) == ("settled", "confirmed")
    assert PaymentEvent.objects.get().payment_id == payment.id


def test_unknown_event_is_refused(shop: Shop) -> None:
    unknown = uuid.uuid4()

    assert refusal(NAME, p_event_id=unknown) == (
        "event_not_found",
        404,
        {"event_id": str(unknown)},
    )


def test_order_payment_and_event_are_locked(shop: Shop, order: Order, payment: Payment) -> None:
    event = shop.event(payment)
    rows = [order, payment, PaymentEvent.objects.get()]

    for row in rows:
        assert_locks(row, NAME, p_event_id=event.event_id)

    assert Payment.objects.get().status == "initiated"


def test_coupon_is_locked_before_it_is_redeemed(shop: Shop) -> None:
    coupon = shop.coupon("SAVE10")
    order = shop.placed({shop.variant("499.00"): 2}, coupon="SAVE10")
    event = shop.event(shop.attempt(order))

    assert_locks(coupon, NAME, p_event_id=event.event_id)
    assert CouponUsage.objects.get().status == "bound"
