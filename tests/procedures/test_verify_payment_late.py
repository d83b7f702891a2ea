"""`verify_payment` on captures that come late, twice or with another amount: recorded, due back."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest

from commerce.core.models import SagaStep
from commerce.core.procedures import Result
from commerce.orders.models import Order
from commerce.payments.models import Payment, PaymentEvent
from tests.shop.builder import Shop

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


@pytest.mark.parametrize("ended", ["failed", "expired"])
def test_ended_attempt_that_succeeds_after_all_is_kept(
    shop: Shop, order: Order, payment: Payment, ended: str
) -> None:
    Payment.objects.update(status=ended)
    newer = shop.attempt(order)

    settled = told(shop, payment)

    assert settled.outcome == "settled"
    payment.refresh_from_db()
    newer.refresh_from_db()
    assert (payment.status, payment.disposition) == ("captured", "kept")
    assert (newer.status, newer.disposition) == ("expired", None)


def test_capture_of_a_cancelled_order_is_due_back(
    shop: Shop, order: Order, payment: Payment
) -> None:
    Payment.objects.update(status="expired")
    Order.objects.update(status="cancelled")

    settled = told(shop, payment)

    assert (settled.outcome, settled.order_status) == ("late", "cancelled")
    payment.refresh_from_db()
    assert (payment.status, payment.disposition, payment.captured_amount) == (
        "captured",
        "refund_due",
        TOTAL,
    )
    assert next_steps() == [("settle", "initiate_refund", payment.id, {"reason": "late_capture"})]
    assert Order.objects.get().payment_status == "unpaid"


def test_old_attempt_captured_after_a_newer_one_is_due_back(
    shop: Shop, order: Order, payment: Payment
) -> None:
    Payment.objects.update(status="failed")
    newer = shop.attempt(order)
    told(shop, newer)

    second = told(shop, payment)

    assert second.outcome == "late"
    assert list(Payment.objects.order_by("attempt").values_list("attempt", "disposition")) == [
        (1, "refund_due"),
        (2, "kept"),
    ]
    assert next_steps() == [
        ("settle", "decrease_inventory", order.id, {}),
        ("settle", "initiate_refund", payment.id, {"reason": "second_capture"}),
    ]


def test_same_attempt_paid_twice_books_the_second_payment(
    shop: Shop, order: Order, payment: Payment
) -> None:
    told(shop, payment)

    second = told(shop, payment, p_provider_payment_id="pay_other")

    further = Payment.objects.get(provider_payment_id="pay_other")
    assert (second.outcome, second.payment_id) == ("late", further.id)
    assert (further.attempt, further.provider, further.provider_order_id) == (2, "sandbox", None)
    assert (further.status, further.disposition, further.amount, further.captured_amount) == (
        "captured",
        "refund_due",
        TOTAL,
        TOTAL,
    )
    assert PaymentEvent.objects.get(outcome="late").payment_id == further.id
    assert next_steps()[1:] == [
        ("settle", "initiate_refund", further.id, {"reason": "second_capture"})
    ]


def test_second_payment_told_again_is_a_duplicate(shop: Shop, payment: Payment) -> None:
    told(shop, payment)
    told(shop, payment, p_provider_payment_id="pay_other")

    again = told(shop, payment, p_provider_payment_id="pay_other")

    assert again.outcome == "duplicate"
    assert Payment.objects.count() == 2
    shop.audit()


def test_other_amount_is_captured_but_due_back(shop: Shop, order: Order, payment: Payment) -> None:
    settled = told(shop, payment, p_amount=Decimal("9.98"))

    assert (settled.outcome, settled.order_status) == ("mismatch", "pending_payment")
    payment.refresh_from_db()
    assert (payment.status, payment.disposition, payment.captured_amount) == (
        "captured",
        "refund_due",
        Decimal("9.98"),
    )
    assert next_steps() == [
        ("settle", "initiate_refund", payment.id, {"reason": "amount_mismatch"})
    ]
    assert PaymentEvent.objects.get().note == "captured 9.98 INR, due 998.00 INR"


def test_order_can_still_be_paid_after_a_mismatch(
    shop: Shop, order: Order, payment: Payment
) -> None:
    told(shop, payment, p_amount=Decimal("9.98"))

    settled = told(shop, shop.attempt(order))

    assert (settled.outcome, settled.order_status) == ("settled", "confirmed")


@pytest.mark.parametrize(
    ("params", "note"),
    [
        ({"p_currency": "USD"}, "captured 998.00 USD, due 998.00 INR"),
        ({"p_amount": Decimal("0.00")}, "captured 0.00 INR, due 998.00 INR"),
        ({"p_amount": Decimal("-998.00")}, "captured -998.00 INR, due 998.00 INR"),
    ],
)
def test_capture_that_cannot_be_booked_is_only_noted(
    shop: Shop, payment: Payment, params: dict[str, Any], note: str
) -> None:
    settled = told(shop, payment, **params)

    assert (settled.outcome, settled.order_status) == ("mismatch", "pending_payment")
    event = PaymentEvent.objects.get()
    assert (event.status, event.note) == ("settled", note)
    assert Payment.objects.get().status == "initiated"
    assert next_steps() == []


@pytest.mark.parametrize("lacks", ["p_amount", "p_currency"])
def test_capture_without_amount_or_currency_waits_for_one_that_names_them(
    shop: Shop, payment: Payment, lacks: str
) -> None:
    without: dict[str, Any] = {lacks: None}
    incomplete = shop.event(payment, **without)

    waiting = shop.settle(incomplete)

    assert (waiting.outcome, waiting.payment_id, waiting.order_status) == (
        "unmatched",
        payment.id,
        "pending_payment",
    )
    event = PaymentEvent.objects.get()
    assert (event.status, event.settled_at, event.note) == (
        "recorded",
        None,
        "the capture names no amount or no currency",
    )
    assert Payment.objects.get().status == "initiated"

    assert told(shop, payment).outcome == "settled"
    assert shop.settle(incomplete).outcome == "duplicate"


def test_id_told_after_a_capture_without_one_is_adopted(
    shop: Shop, order: Order, payment: Payment
) -> None:
    told(shop, payment, p_provider_payment_id=None)

    named = told(shop, payment, p_provider_payment_id="pay_1")

    booked = Payment.objects.get()
    assert (named.outcome, named.payment_id) == ("duplicate", payment.id)
    assert (booked.provider_payment_id, booked.disposition) == ("pay_1", "kept")
    assert next_steps() == [("settle", "decrease_inventory", order.id, {})]

    other = told(shop, payment, p_provider_payment_id="pay_2")
    assert other.outcome == "late"
    assert Payment.objects.count() == 2


@pytest.mark.parametrize(
    ("params", "note"),
    [
        ({"p_amount": Decimal("9.98")}, "captured 9.98 INR, booked 998.00 INR"),
        ({"p_currency": "USD"}, "captured 998.00 USD, booked 998.00 INR"),
    ],
)
@pytest.mark.parametrize("first", [{}, {"p_provider_payment_id": None}])
def test_capture_told_again_otherwise_than_booked_is_a_mismatch(
    shop: Shop, payment: Payment, params: dict[str, Any], note: str, first: dict[str, Any]
) -> None:
    told(shop, payment, **first)

    again = told(shop, payment, **params)

    assert (again.outcome, again.payment_id) == ("mismatch", payment.id)
    assert PaymentEvent.objects.get(outcome="mismatch").note == note
    booked = Payment.objects.get()
    assert (booked.disposition, booked.captured_amount) == ("kept", TOTAL)
    assert (booked.provider_payment_id is None) is bool(first), "an id is adopted only with its sum"
    assert [step[1] for step in next_steps()] == ["decrease_inventory"]


def test_client_that_returns_after_another_amount_contradicts_nobody(
    shop: Shop, payment: Payment
) -> None:
    told(shop, payment, p_amount=Decimal("9.98"))

    returned = told(shop, payment, p_source="client")

    assert returned.outcome == "duplicate"
