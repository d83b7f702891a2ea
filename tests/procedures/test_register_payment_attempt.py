"""`register_payment_attempt`: one open attempt per order; cash on delivery is confirmed at once."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from commerce.core.procedures import call
from commerce.orders.models import Order
from commerce.payments.models import Payment
from tests.procedures.attempts import NAME, attempt, frozen_cod
from tests.shop.builder import Shop
from tests.shop.locks import assert_locks, at_once
from tests.shop.refusals import refusal


@pytest.fixture
def order(shop: Shop) -> Order:
    """An online order of 998.00 that awaits payment."""
    return shop.placed({shop.variant("499.00"): 2})


def test_attempt_is_opened_for_the_frozen_total(order: Order) -> None:
    before = timezone.now()

    opened = call(NAME, **attempt(order, p_user_id=order.user_id, p_window_seconds=60))

    payment = Payment.objects.get(order=order)
    assert (payment.provider, payment.attempt, payment.amount, payment.currency) == (
        "sandbox",
        1,
        Decimal("998.00"),
        "INR",
    )
    assert (payment.status, payment.disposition, payment.captured_amount) == (
        "initiated",
        None,
        None,
    )
    assert payment.expires_at is not None
    assert timedelta(seconds=59) < payment.expires_at - before < timedelta(seconds=62)
    assert dict(opened) == {
        "payment_id": payment.id,
        "amount": Decimal("998.00"),
        "currency": "INR",
        "provider_order_id": None,
        "status": "initiated",
        "expires_at": payment.expires_at,
        "replayed": False,
    }
    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("pending_payment", "unpaid")


def test_attempt_ends_with_its_order_at_the_latest(order: Order) -> None:
    opened = call(NAME, **attempt(order, p_window_seconds=86_400))

    assert opened.expires_at == order.expires_at


def test_open_attempt_is_returned_again(order: Order) -> None:
    first = call(NAME, **attempt(order))

    second = call(NAME, **attempt(order))

    assert dict(second) == dict(first)
    assert Payment.objects.count() == 1


def test_attempt_past_its_time_gives_way_to_a_new_one(order: Order) -> None:
    first = call(NAME, **attempt(order))
    Payment.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    second = call(NAME, **attempt(order))

    assert second.payment_id != first.payment_id
    assert list(Payment.objects.order_by("attempt").values_list("attempt", "status")) == [
        (1, "expired"),
        (2, "initiated"),
    ]


def test_another_provider_replaces_the_open_attempt(order: Order) -> None:
    call(NAME, **attempt(order))

    call(NAME, **attempt(order, p_provider="razorpay"))

    assert list(Payment.objects.order_by("attempt").values_list("provider", "status")) == [
        ("sandbox", "expired"),
        ("razorpay", "initiated"),
    ]


def test_first_provider_order_id_stays(order: Order) -> None:
    opened = call(NAME, **attempt(order))
    stored = attempt(order, p_payment_id=opened.payment_id)

    first = call(NAME, **stored, p_provider_order_id="po_1")
    second = call(NAME, **stored, p_provider_order_id="po_2")

    assert (first.provider_order_id, second.provider_order_id) == ("po_1", "po_1")
    assert Payment.objects.get().provider_order_id == "po_1"


def test_unknown_order_is_refused(shop: Shop) -> None:
    unknown = uuid.uuid4()

    told = refusal(NAME, p_order_id=unknown, p_provider="sandbox", p_window_seconds=60)

    assert told == ("order_not_found", 404, {"order_id": str(unknown)})


def test_order_of_somebody_else_is_not_found(shop: Shop, order: Order) -> None:
    told = refusal(NAME, **attempt(order, p_user_id=shop.user().id))

    assert told == ("order_not_found", 404, {"order_id": str(order.id)})


def test_provider_order_id_for_an_unknown_payment_is_refused(order: Order) -> None:
    unknown = uuid.uuid4()

    told = refusal(NAME, **attempt(order, p_payment_id=unknown, p_provider_order_id="po_1"))

    assert told == ("payment_not_found", 404, {"payment_id": str(unknown)})


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"status": "created", "frozen_at": None}, "created"),
        ({"status": "cancelled"}, "cancelled"),
        ({"status": "confirmed"}, "confirmed"),
        ({"expires_at": timezone.now() - timedelta(seconds=1)}, "pending_payment"),
        ({"frozen_at": None}, "pending_payment"),
        ({"subtotal": 0, "discount": 0, "total": 0}, "pending_payment"),
    ],
)
def test_order_that_cannot_be_paid_is_refused(
    order: Order, change: dict[str, Any], status: str
) -> None:
    Order.objects.update(**change)

    told = refusal(NAME, **attempt(order))

    assert told == ("order_not_payable", 409, {"order_id": str(order.id), "status": status})
    assert Payment.objects.count() == 0


def test_other_payment_method_than_agreed_is_refused(shop: Shop, order: Order) -> None:
    cod = frozen_cod(shop)

    assert refusal(NAME, **attempt(order, p_provider="cod")) == (
        "payment_method_mismatch",
        422,
        {"payment_method": "online", "provider": "cod"},
    )
    assert refusal(NAME, **attempt(cod)) == (
        "payment_method_mismatch",
        422,
        {"payment_method": "cod", "provider": "sandbox"},
    )


def test_key_replays_its_attempt_even_after_another_opened(shop: Shop, order: Order) -> None:
    keyed = attempt(order, p_owner=order.user_id, p_key=shop.key(), p_fingerprint="f1")
    first = call(NAME, **keyed)
    Payment.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    call(NAME, **attempt(order))

    again = call(NAME, **keyed)

    assert (again.payment_id, again.status, again.replayed) == (first.payment_id, "expired", True)
    assert Payment.objects.count() == 2


def test_key_with_another_request_is_refused(shop: Shop, order: Order) -> None:
    keyed = attempt(order, p_owner=order.user_id, p_key=shop.key())
    call(NAME, **keyed, p_fingerprint="f1")

    told = refusal(NAME, **keyed, p_fingerprint="f2")

    assert told == ("key_reused", 422, {"procedure": NAME})


def test_two_at_once_with_one_key_open_one_attempt(shop: Shop, order: Order) -> None:
    keyed = attempt(order, p_owner=order.user_id, p_key=shop.key(), p_fingerprint="f1")

    results = at_once(lambda: call(NAME, **keyed), lambda: call(NAME, **keyed))

    payment = Payment.objects.get()
    assert [one.payment_id for one in results] == [payment.id, payment.id]
    assert sorted(one.replayed for one in results) == [False, True]


def test_two_at_once_without_key_share_one_attempt(order: Order) -> None:
    results = at_once(lambda: call(NAME, **attempt(order)), lambda: call(NAME, **attempt(order)))

    payment = Payment.objects.get()
    assert [one.payment_id for one in results] == [payment.id, payment.id]


def test_order_and_payments_are_locked(order: Order) -> None:
    call(NAME, **attempt(order))

    assert_locks(order, NAME, **attempt(order))
    assert_locks(Payment.objects.get(), NAME, **attempt(order))
