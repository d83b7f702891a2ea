"""Each check of what ought to move finds the row that stands still, and no other does."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from django.utils import timezone

from commerce.core.models import SagaStep
from commerce.core.procedures import call
from commerce.coupons.models import CouponUsage
from commerce.orders.models import Order
from commerce.payments.models import Payment, PaymentEvent, Refund
from tests.audit.conftest import Broken
from tests.shop.builder import Shop

PART = Decimal("100.00")


class Told(NamedTuple):
    """A settled event: our id of it, and what it came to."""

    event_id: uuid.UUID
    outcome: str


@pytest.fixture
def payment(shop: Shop) -> Payment:
    """The kept capture of 499.00 of a confirmed order."""
    return Payment.objects.get(order=shop.paid({shop.variant("499.00"): 1}))


def told(shop: Shop, payment: Payment, kind: str = "payment.captured", **params: Any) -> Told:
    """The settlement of one event about the payment."""
    event = shop.event(payment, kind, **params)
    return Told(event.event_id, shop.settle(event).outcome)


def refunded(shop: Shop, payment: Payment, what: str, amount: Decimal = PART) -> Refund:
    """A part of the payment that the provider says is refunded, or has failed to be."""
    asked = call("initiate_refund", p_payment_id=payment.id, p_amount=amount)
    refund = Refund.objects.get(id=asked.refund_id)
    again(shop, refund, what)
    refund.refresh_from_db()
    return refund


def again(shop: Shop, refund: Refund, what: str, **params: Any) -> Told:
    """One more event about the refund."""
    values = {
        "p_refund_id": refund.id,
        "p_provider_refund_id": f"rf_{refund.id.hex}",
        "p_provider_payment_id": None,
        "p_amount": refund.amount,
    }
    return told(shop, refund.payment, f"refund.{what}", **(values | params))


def mismatch(event_id: uuid.UUID) -> list[tuple[str, str, uuid.UUID]]:
    """What the audit says of one event that contradicts the books."""
    return [("mismatches_are_seen", "payment_events", event_id)]


def test_capture_in_another_currency_is_seen_until_the_provider_voids_it(
    shop: Shop, broken: Broken
) -> None:
    payment = shop.attempt(shop.placed({shop.variant("499.00"): 1}))
    foreign = told(shop, payment, p_currency="USD", p_provider_payment_id="pay_usd")
    assert broken() == mismatch(foreign.event_id)
    told(shop, payment, p_provider_payment_id="pay_inr")
    assert broken() == mismatch(foreign.event_id)

    told(shop, payment, "payment.failed", p_provider_payment_id="pay_usd")

    assert broken() == []


def test_capture_of_another_amount_that_is_due_back_is_no_mismatch_to_see(
    shop: Shop, broken: Broken
) -> None:
    payment = shop.attempt(shop.placed({shop.variant("499.00"): 1}))

    assert told(shop, payment, p_amount=Decimal("4.99")).outcome == "mismatch"

    assert broken() == []


@pytest.mark.parametrize("params", [{"p_amount": Decimal("4.99")}, {"p_currency": "USD"}])
def test_capture_told_otherwise_is_seen_until_told_as_booked(
    shop: Shop, payment: Payment, broken: Broken, params: dict[str, Any]
) -> None:
    other = told(shop, payment, **params)
    told(shop, payment, "payment.failed")
    told(shop, payment, p_source="client")
    assert broken() == mismatch(other.event_id)

    told(shop, payment)

    assert broken() == []


@pytest.mark.parametrize(("first", "second"), [("processed", "failed"), ("failed", "processed")])
def test_refund_that_ended_otherwise_is_seen_until_told_as_booked(
    shop: Shop, payment: Payment, broken: Broken, first: str, second: str
) -> None:
    refund = refunded(shop, payment, first)
    other = again(shop, refund, second)
    again(shop, refund, "processing")
    assert broken() == mismatch(other.event_id)

    again(shop, refund, first)

    assert broken() == []


def test_refund_of_another_amount_is_seen_until_it_is_told_right(
    shop: Shop, payment: Payment, broken: Broken
) -> None:
    asked = call("initiate_refund", p_payment_id=payment.id, p_amount=PART)
    refund = Refund.objects.get(id=asked.refund_id)
    other = again(shop, refund, "processed", p_amount=Decimal("1.00"))
    assert broken() == mismatch(other.event_id)

    again(shop, refund, "processed")

    assert broken() == []


def test_other_amount_of_a_refund_that_succeeded_is_seen(
    shop: Shop, payment: Payment, broken: Broken
) -> None:
    refund = refunded(shop, payment, "processed")

    other = again(shop, refund, "processed", p_amount=Decimal("1.00"))

    assert broken() == mismatch(other.event_id)


@pytest.mark.parametrize(
    ("known", "age", "found"),
    [
        (False, timedelta(hours=24), False),
        (False, timedelta(hours=25), True),
        (True, timedelta(minutes=4), False),
        (True, timedelta(minutes=6), True),
    ],
)
def test_event_that_has_waited_too_long_is_found(
    shop: Shop, broken: Broken, known: bool, age: timedelta, found: bool
) -> None:
    payment = shop.attempt(shop.placed({shop.variant("499.00"): 1}))
    params = {"p_amount": None} if known else {"p_provider_order_id": "po_unknown"}
    waiting = told(shop, payment, **params)
    assert waiting.outcome == "unmatched"

    PaymentEvent.objects.update(created_at=timezone.now() - age)

    assert broken() == [("events_settle", "payment_events", waiting.event_id)] * found


def test_refund_that_nobody_submits_is_found(
    shop: Shop, payment: Payment, broken: Broken, long_ago: datetime
) -> None:
    asked = call("initiate_refund", p_payment_id=payment.id, p_amount=PART)
    assert broken() == []

    Refund.objects.update(created_at=long_ago, next_attempt_at=timezone.now())

    assert broken() == [("refunds_move", "refunds", asked.refund_id)]


@pytest.mark.parametrize(("days", "found"), [(6, False), (8, True)])
def test_refund_that_the_bank_forgot_is_found(
    shop: Shop, payment: Payment, broken: Broken, days: int, found: bool
) -> None:
    refund = refunded(shop, payment, "processing")

    Refund.objects.update(created_at="2026-01-01T00:00Z")
    Refund.objects.update(updated_at=timezone.now() - timedelta(days=days))

    assert broken() == [("refunds_move", "refunds", refund.id)] * found


def test_failed_refund_is_found_until_it_is_asked_for_anew(
    shop: Shop, payment: Payment, broken: Broken, long_ago: datetime
) -> None:
    failed = refunded(shop, payment, "failed")
    assert broken() == []
    Refund.objects.update(created_at=long_ago, finished_at=long_ago)
    assert broken() == [("refunds_move", "refunds", failed.id)]

    call("initiate_refund", p_payment_id=payment.id, p_amount=PART)

    assert broken() == []


def test_one_new_refund_makes_up_for_one_of_two_that_failed(
    shop: Shop, payment: Payment, broken: Broken, long_ago: datetime
) -> None:
    first, second = (refunded(shop, payment, "failed") for _ in range(2))
    Refund.objects.update(created_at=long_ago - timedelta(hours=1))
    Refund.objects.filter(id=first.id).update(finished_at=long_ago)
    Refund.objects.filter(id=second.id).update(finished_at=long_ago + timedelta(minutes=1))

    call("initiate_refund", p_payment_id=payment.id, p_amount=PART)

    assert broken() == [("refunds_move", "refunds", first.id)]


def test_attempts_that_failed_one_after_the_other_need_one_that_succeeds(
    shop: Shop, payment: Payment, broken: Broken, long_ago: datetime
) -> None:
    for minute in (0, 2):
        refund = refunded(shop, payment, "failed")
        Refund.objects.filter(id=refund.id).update(
            created_at=long_ago + timedelta(minutes=minute),
            finished_at=long_ago + timedelta(minutes=minute + 1),
        )
    assert len(broken()) == 2

    refunded(shop, payment, "processed")

    assert broken() == []


def test_step_that_was_given_up_is_found(shop: Shop, order: Order, broken: Broken) -> None:
    step = SagaStep.objects.create(
        kind="settle",
        saga_id=order.id,
        step="decrease_inventory",
        subject_id=order.id,
        status="failed",
    )

    assert broken() == [("saga_moves", "saga_log", step.id)]


def test_step_that_nobody_takes_is_found(shop: Shop, broken: Broken, long_ago: datetime) -> None:
    order = shop.placed({shop.variant("499.00"): 1})
    shop.settle(shop.event(shop.attempt(order)))
    step = SagaStep.objects.get(status="pending")
    assert broken() == []

    SagaStep.objects.update(due_at=long_ago)

    assert broken() == [("saga_moves", "saga_log", step.id)]


def test_slot_of_a_cancelled_order_is_found(shop: Shop, broken: Broken, long_ago: datetime) -> None:
    shop.coupon("SAVE10")
    order = shop.placed({shop.variant("499.00"): 1}, coupon="SAVE10")
    call("cancel_order", p_order_id=order.id, p_actor_kind="staff", p_reason="", p_line_max=10)
    call("release_inventory", p_order_id=order.id, p_reason="cancelled")
    assert broken() == []
    Order.objects.update(closed_at=long_ago)
    usage = CouponUsage.objects.get()
    assert broken() == [("coupon_slots_end_with_orders", "coupon_usage", usage.id)]

    call("rollback_coupon", p_order_id=order.id, p_reason="cancelled")

    assert broken() == []
