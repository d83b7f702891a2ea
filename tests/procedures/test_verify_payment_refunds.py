"""`verify_payment` on refunds: a refund is moved on by its events alone."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from commerce.core.models import OutboxMessage
from commerce.core.procedures import Result
from commerce.orders.models import Order
from commerce.payments.models import Payment, PaymentEvent, Refund
from tests.shop.builder import Shop
from tests.shop.locks import assert_locks, at_once

NAME = "verify_payment"


@pytest.fixture
def payment(shop: Shop) -> Payment:
    """The kept capture of 998.00 of a confirmed order."""
    order = shop.paid({shop.variant("499.00"): 2})
    return Payment.objects.get(order=order)


def refund_of(payment: Payment, amount: str = "998.00", **fields: Any) -> Refund:
    """A refund that the provider is to be asked for."""
    return Refund.objects.create(
        payment=payment,
        order_id=payment.order_id,
        provider=payment.provider,
        amount=Decimal(amount),
        **fields,
    )


def event(shop: Shop, refund: Refund, what: str, **params: Any) -> Result:
    """A recorded event about the refund, known by our id."""
    values = {
        "p_refund_id": refund.id,
        "p_provider_refund_id": f"rf_{refund.id.hex}",
        "p_provider_order_id": None,
        "p_provider_payment_id": None,
        "p_amount": refund.amount,
    }
    return shop.event(refund.payment, f"refund.{what}", **(values | params))


def told(shop: Shop, refund: Refund, what: str, **params: Any) -> Result:
    """The settlement of one event about the refund."""
    return shop.settle(event(shop, refund, what, **params))


def test_processed_refund_of_the_whole_payment_refunds_the_order(
    shop: Shop, payment: Payment
) -> None:
    refund = refund_of(payment)
    version = Order.objects.get().version

    settled = told(shop, refund, "processed")

    assert dict(settled) == {
        "outcome": "settled",
        "order_id": payment.order_id,
        "payment_id": payment.id,
        "refund_id": refund.id,
        "order_status": "confirmed",
    }
    refund.refresh_from_db()
    assert (refund.status, refund.provider_refund_id) == ("succeeded", f"rf_{refund.id.hex}")
    assert refund.finished_at is not None
    order = Order.objects.get()
    assert (order.payment_status, order.version) == ("refunded", version + 1)
    assert OutboxMessage.objects.get(topic="refund.succeeded").payload == {
        "order_id": str(order.id),
        "number": order.number,
        "user_id": str(order.user_id),
        "refund_id": str(refund.id),
        "amount": "998.00",
    }


def test_parts_refund_the_order_when_they_reach_the_whole(shop: Shop, payment: Payment) -> None:
    first, second = refund_of(payment, "499.00"), refund_of(payment, "499.00")

    told(shop, first, "processed")
    after_one = Order.objects.get().payment_status
    told(shop, second, "processed")

    assert (after_one, Order.objects.get().payment_status) == ("partially_refunded", "refunded")


def test_two_parts_at_once_count_each_other(shop: Shop, payment: Payment) -> None:
    events = [event(shop, refund_of(payment, "499.00"), "processed") for _ in range(2)]

    results = at_once(lambda: shop.settle(events[0]), lambda: shop.settle(events[1]))

    assert [one.outcome for one in results] == ["settled", "settled"]
    assert Order.objects.get().payment_status == "refunded"
    shop.audit()


def test_refund_of_money_that_was_due_back_leaves_the_order_alone(
    shop: Shop, payment: Payment
) -> None:
    shop.settle(shop.event(payment, p_provider_payment_id="pay_other"))
    further = Payment.objects.get(disposition="refund_due")
    version = Order.objects.get().version

    settled = told(shop, refund_of(further), "processed")

    assert settled.outcome == "settled"
    order = Order.objects.get()
    assert (order.payment_status, order.version) == ("paid", version)


def test_processing_then_processed(shop: Shop, payment: Payment) -> None:
    refund = refund_of(payment)

    told(shop, refund, "processing")
    refund.refresh_from_db()
    assert (refund.status, refund.finished_at) == ("processing", None)
    assert refund.provider_refund_id == f"rf_{refund.id.hex}"
    assert not OutboxMessage.objects.filter(aggregate_id=refund.id).exists()
    settled = told(shop, refund, "processed", p_refund_id=None)

    refund.refresh_from_db()
    assert (settled.outcome, refund.status) == ("settled", "succeeded")


def test_failed_refund_is_told(shop: Shop, payment: Payment) -> None:
    refund = refund_of(payment)

    settled = told(shop, refund, "failed")

    refund.refresh_from_db()
    assert (settled.outcome, refund.status, refund.failure_code) == (
        "settled",
        "failed",
        "declined_by_provider",
    )
    assert refund.finished_at is not None
    assert Order.objects.get().payment_status == "paid"
    assert OutboxMessage.objects.get(topic="refund.failed").aggregate_id == refund.id


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        ("processed", "processed", "succeeded"),
        ("processed", "processing", "succeeded"),
        ("failed", "failed", "failed"),
        ("failed", "processing", "failed"),
        ("processing", "processing", "processing"),
    ],
)
def test_event_that_tells_nothing_new_is_a_duplicate(
    shop: Shop, payment: Payment, first: str, second: str, status: str
) -> None:
    refund = refund_of(payment)
    told(shop, refund, first)
    version = Order.objects.get().version

    settled = told(shop, refund, second)

    refund.refresh_from_db()
    assert (settled.outcome, refund.status) == ("duplicate", status)
    assert Order.objects.get().version == version


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [("processed", "failed", "succeeded"), ("failed", "processed", "failed")],
)
def test_event_that_contradicts_the_end_is_a_mismatch(
    shop: Shop, payment: Payment, first: str, second: str, status: str
) -> None:
    refund = refund_of(payment)
    told(shop, refund, first)
    version = Order.objects.get().version

    settled = told(shop, refund, second)

    refund.refresh_from_db()
    assert (settled.outcome, refund.status) == ("mismatch", status)
    noted = PaymentEvent.objects.get(outcome="mismatch")
    assert (noted.status, noted.note) == ("settled", f"told refund.{second}, booked {status}")
    assert Order.objects.get().version == version


def test_other_amount_told_after_the_end_is_a_mismatch(shop: Shop, payment: Payment) -> None:
    refund = refund_of(payment)
    told(shop, refund, "processed")

    settled = told(shop, refund, "processed", p_amount=Decimal("1.00"))

    assert settled.outcome == "mismatch"


@pytest.mark.parametrize(
    ("params", "note"),
    [
        ({"p_amount": Decimal("1.00")}, "refunded 1.00 INR, asked 998.00 INR"),
        ({"p_currency": "USD"}, "refunded 998.00 USD, asked 998.00 INR"),
    ],
)
def test_other_amount_is_only_noted(
    shop: Shop, payment: Payment, params: dict[str, Any], note: str
) -> None:
    refund = refund_of(payment)

    settled = told(shop, refund, "processed", **params)

    refund.refresh_from_db()
    assert (settled.outcome, refund.status) == ("mismatch", "initiated")
    assert PaymentEvent.objects.get(outcome="mismatch").note == note
    assert Order.objects.get().payment_status == "paid"


def test_event_without_an_amount_is_taken_at_its_refunds(shop: Shop, payment: Payment) -> None:
    refund = refund_of(payment)

    settled = told(shop, refund, "processed", p_amount=None, p_currency=None)

    assert settled.outcome == "settled"


def test_event_of_an_unknown_refund_waits(shop: Shop, payment: Payment) -> None:
    refund = refund_of(payment)

    settled = told(shop, refund, "processed", p_refund_id=None)

    assert (settled.outcome, settled.payment_id, settled.refund_id) == ("unmatched", None, None)
    assert PaymentEvent.objects.get(outcome="unmatched").status == "recorded"


def test_order_payment_refund_and_event_are_locked(shop: Shop, payment: Payment) -> None:
    refund = refund_of(payment)
    recorded = event(shop, refund, "processed", p_provider_refund_id=None)

    for row in (payment.order, payment, refund, PaymentEvent.objects.get(id=recorded.event_id)):
        assert_locks(row, NAME, p_event_id=recorded.event_id)

    refund.refresh_from_db()
    assert refund.status == "initiated"
