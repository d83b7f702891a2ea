"""`initiate_refund`: whole, by line, by amount, and never above the capture."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest

from commerce.core.models import IdempotencyKey, OutboxMessage, SagaStep
from commerce.core.procedures import call
from commerce.orders.models import Order
from commerce.payments.models import Payment, Refund, RefundItem
from tests.shop.builder import Shop
from tests.shop.locks import assert_locks, at_once
from tests.shop.refusals import refusal

NAME = "initiate_refund"


@pytest.fixture
def order(shop: Shop) -> Order:
    """A paid order of 3 units that come to 100.00 together, after a coupon."""
    shop.coupon("HUNDRED", kind="flat", value=Decimal("50.00"))
    return shop.paid({shop.variant("50.00"): 3}, coupon="HUNDRED")


@pytest.fixture
def payment(order: Order) -> Payment:
    """The order's kept capture of 100.00."""
    return Payment.objects.get(order=order)


def owed(payment: Payment) -> SagaStep:
    """The recorded step that owes the whole payment."""
    return SagaStep.objects.create(
        kind="cancel", saga_id=payment.order_id, step=NAME, subject_id=payment.id
    )


def test_whole_capture_goes_back(shop: Shop, order: Order, payment: Payment) -> None:
    staff = shop.staff()

    asked = call(NAME, p_order_id=order.id, p_reason="sorry", p_actor_id=staff.id)

    refund = Refund.objects.get()
    assert dict(asked) == {"refund_id": refund.id, "amount": Decimal("100.00"), "replayed": False}
    assert (refund.payment_id, refund.order_id, refund.return_request_id) == (
        payment.id,
        order.id,
        None,
    )
    assert (refund.provider, refund.amount, refund.currency) == (
        "sandbox",
        Decimal("100.00"),
        "INR",
    )
    assert (refund.reason, refund.status, refund.created_by_id) == ("sorry", "initiated", staff.id)
    assert RefundItem.objects.count() == 0
    assert OutboxMessage.objects.get(topic="refund.initiated").payload == {
        "order_id": str(order.id),
        "number": order.number,
        "user_id": str(order.user_id),
        "refund_id": str(refund.id),
        "amount": "100.00",
    }
    order.refresh_from_db()
    assert order.payment_status == "paid"


def test_whole_again_finds_nothing_left(payment: Payment) -> None:
    call(NAME, p_payment_id=payment.id)

    again = call(NAME, p_payment_id=payment.id)

    assert dict(again) == {"refund_id": None, "amount": Decimal(0), "replayed": False}
    assert Refund.objects.count() == 1


def test_whole_after_a_part_is_the_rest(payment: Payment) -> None:
    call(NAME, p_payment_id=payment.id, p_amount=Decimal("30.00"))

    rest = call(NAME, p_payment_id=payment.id)

    assert rest.amount == Decimal("70.00")


def test_failed_refund_is_initiated_anew(payment: Payment) -> None:
    first = call(NAME, p_payment_id=payment.id)
    Refund.objects.update(status="failed")

    second = call(NAME, p_payment_id=payment.id)

    assert second.refund_id != first.refund_id
    assert second.amount == Decimal("100.00")


def test_two_wholes_at_once_pay_back_once(shop: Shop, payment: Payment) -> None:
    results = at_once(*[lambda: call(NAME, p_payment_id=payment.id)] * 2)

    assert sorted(one.amount for one in results) == [Decimal(0), Decimal("100.00")]
    assert Refund.objects.count() == 1
    shop.audit()


def test_money_that_was_due_back_is_refunded_by_its_payment(
    shop: Shop, order: Order, payment: Payment
) -> None:
    shop.settle(shop.event(payment, p_provider_payment_id="pay_other"))
    further = Payment.objects.get(disposition="refund_due")

    call(NAME, p_payment_id=further.id)

    assert Refund.objects.get().payment_id == further.id
    assert SagaStep.objects.get(subject_id=further.id).status == "done"


def test_amount_above_the_rest_is_refused(payment: Payment) -> None:
    call(NAME, p_payment_id=payment.id, p_amount=Decimal("60.00"))

    told = refusal(NAME, p_payment_id=payment.id, p_amount=Decimal("40.01"))

    assert told == (
        "refund_exceeds_capture",
        409,
        {"captured": "100.00", "refunded": "60.00", "requested": "40.01"},
    )
    assert call(NAME, p_payment_id=payment.id, p_amount=Decimal("40.00")).amount == 40


@pytest.mark.parametrize("amount", ["0", "-1.00", "0.001"])
def test_amount_that_is_none_is_refused(payment: Payment, amount: str) -> None:
    told = refusal(NAME, p_payment_id=payment.id, p_amount=Decimal(amount))

    assert told == ("bad_amount", 422, {"amount": amount})


def test_unknown_subjects_are_refused(order: Order, payment: Payment) -> None:
    unknown = uuid.uuid4()

    assert refusal(NAME, p_order_id=unknown) == (
        "order_not_found",
        404,
        {"order_id": str(unknown)},
    )
    assert refusal(NAME) == ("order_not_found", 404, {"order_id": None})
    assert refusal(NAME, p_payment_id=unknown) == (
        "payment_not_found",
        404,
        {"payment_id": str(unknown)},
    )


def test_payment_of_another_order_is_not_found(shop: Shop, order: Order, payment: Payment) -> None:
    other = shop.placed({shop.variant("10.00"): 1})

    told = refusal(NAME, p_order_id=other.id, p_payment_id=payment.id)

    assert told == ("payment_not_found", 404, {"payment_id": str(payment.id)})


def test_order_without_a_capture_is_refused(shop: Shop) -> None:
    unpaid = shop.placed({shop.variant("10.00"): 1})
    attempt = shop.attempt(unpaid)

    assert refusal(NAME, p_order_id=unpaid.id) == (
        "payment_not_captured",
        409,
        {"order_id": str(unpaid.id), "payment_id": None},
    )
    assert refusal(NAME, p_payment_id=attempt.id) == (
        "payment_not_captured",
        409,
        {"order_id": str(unpaid.id), "payment_id": str(attempt.id)},
    )


def test_whole_does_the_step_that_owed_it(payment: Payment) -> None:
    step = owed(payment)

    call(NAME, p_payment_id=payment.id)

    step.refresh_from_db()
    assert (step.status, step.finished_at is not None) == ("done", True)


def test_part_leaves_the_step_that_owes_the_whole(payment: Payment) -> None:
    step = owed(payment)

    call(NAME, p_payment_id=payment.id, p_amount=Decimal("1.00"))

    step.refresh_from_db()
    assert step.status == "pending"


def test_cash_goes_back_by_the_given_channel(shop: Shop, payment: Payment) -> None:
    Payment.objects.update(provider="cod")

    call(NAME, p_payment_id=payment.id, p_provider="bank", p_amount=Decimal("1.00"))

    assert Refund.objects.get().provider == "bank"


def test_key_repeats_one_refund(shop: Shop, payment: Payment) -> None:
    keyed = {
        "p_payment_id": payment.id,
        "p_amount": Decimal("10.00"),
        "p_owner": shop.staff().id,
        "p_key": shop.key(),
    }
    results = at_once(*[lambda: call(NAME, **keyed, p_fingerprint="f1")] * 2)

    refund = Refund.objects.get()
    assert [(one.refund_id, one.amount) for one in results] == [(refund.id, Decimal("10.00"))] * 2
    assert sorted(one.replayed for one in results) == [False, True]
    assert refusal(NAME, **keyed, p_fingerprint="f2") == ("key_reused", 422, {"procedure": NAME})
    assert IdempotencyKey.objects.get(key=keyed["p_key"]).result_id == refund.id


def test_refusal_leaves_no_key(shop: Shop, payment: Payment) -> None:
    key = shop.key()

    refusal(
        NAME,
        p_payment_id=payment.id,
        p_amount=Decimal("100.01"),
        p_owner=shop.staff().id,
        p_key=key,
        p_fingerprint="f1",
    )

    assert not IdempotencyKey.objects.filter(key=key).exists()


def test_order_payment_and_refunds_are_locked(order: Order, payment: Payment) -> None:
    call(NAME, p_payment_id=payment.id, p_amount=Decimal("1.00"))

    for row in (order, payment, Refund.objects.get()):
        assert_locks(row, NAME, p_payment_id=payment.id, p_amount=Decimal("1.00"))

    assert Refund.objects.count() == 1
