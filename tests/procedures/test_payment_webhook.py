"""`payment_webhook`: an event is kept once, as it came, and never refused for what it says."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest

from commerce.core.procedures import call
from commerce.payments.models import Payment, PaymentEvent, Refund
from tests.shop.builder import Shop
from tests.shop.locks import assert_locks, at_once
from tests.shop.refusals import refusal

NAME = "payment_webhook"
EVENT = {
    "p_provider": "sandbox",
    "p_event_id": "evt_1",
    "p_kind": "payment.captured",
    "p_source": "webhook",
    "p_raw_body": '{"event": "payment.captured"}',
    "p_provider_order_id": "po_1",
    "p_provider_payment_id": "pay_1",
    "p_amount": Decimal("998.00"),
    "p_currency": "INR",
}


@pytest.fixture
def payment(shop: Shop) -> Payment:
    """An open sandbox attempt of 998.00, its order known to the provider as po_1."""
    attempt = shop.attempt(shop.placed({shop.variant("499.00"): 2}))
    Payment.objects.filter(id=attempt.id).update(provider_order_id="po_1")
    return Payment.objects.get(id=attempt.id)


def refund(payment: Payment, **fields: Any) -> Refund:
    """A refund of the payment that the provider was asked for."""
    return Refund.objects.create(
        payment=payment,
        order_id=payment.order_id,
        provider=payment.provider,
        amount=payment.amount,
        **fields,
    )


def test_event_is_kept_as_it_came(shop: Shop) -> None:
    recorded = call(NAME, **EVENT)

    event = PaymentEvent.objects.get()
    assert dict(recorded) == {"event_id": event.id, "duplicate": False, "status": "recorded"}
    assert (event.provider, event.event_id, event.kind, event.source) == (
        "sandbox",
        "evt_1",
        "payment.captured",
        "webhook",
    )
    assert (event.provider_order_id, event.provider_payment_id, event.provider_refund_id) == (
        "po_1",
        "pay_1",
        None,
    )
    assert (event.amount, event.currency) == (Decimal("998.00"), "INR")
    assert event.raw_body == '{"event": "payment.captured"}'
    assert (event.status, event.outcome, event.attempts, event.settled_at) == (
        "recorded",
        "",
        0,
        None,
    )
    assert (event.payment_id, event.refund_id) == (None, None)


@pytest.mark.parametrize("known", ["provider_order_id", "provider_payment_id"])
def test_event_is_linked_to_its_payment(payment: Payment, known: str) -> None:
    Payment.objects.update(**{"provider_order_id": None, known: "x_1"})

    call(
        NAME,
        **EVENT | {"p_provider_order_id": None, "p_provider_payment_id": None, f"p_{known}": "x_1"},
    )

    assert PaymentEvent.objects.get().payment_id == payment.id


def test_event_of_another_provider_is_not_linked(payment: Payment) -> None:
    call(NAME, **EVENT | {"p_provider": "razorpay"})

    assert PaymentEvent.objects.get().payment_id is None


def test_refund_event_is_linked_by_the_providers_id_or_ours(payment: Payment) -> None:
    named = refund(payment, provider_refund_id="rf_1")
    other = refund(payment)
    told = EVENT | {"p_kind": "refund.processed", "p_provider_payment_id": None}

    call(NAME, **told | {"p_event_id": "by theirs", "p_provider_refund_id": "rf_1"})
    call(NAME, **told | {"p_event_id": "by ours", "p_refund_id": other.id})

    links = PaymentEvent.objects.values_list("event_id", "refund_id", "payment_id")
    assert sorted(links) == [
        ("by ours", other.id, payment.id),
        ("by theirs", named.id, payment.id),
    ]


def test_same_event_again_keeps_the_first(shop: Shop) -> None:
    first = call(NAME, **EVENT)

    second = call(NAME, **EVENT | {"p_raw_body": "{}", "p_amount": Decimal("1.00")})

    assert dict(second) == {"event_id": first.event_id, "duplicate": True, "status": "recorded"}
    event = PaymentEvent.objects.get()
    assert (event.amount, event.raw_body) == (Decimal("998.00"), '{"event": "payment.captured"}')


def test_same_id_from_another_provider_is_another_event(shop: Shop) -> None:
    call(NAME, **EVENT)

    second = call(NAME, **EVENT | {"p_provider": "razorpay"})

    assert second.duplicate is False
    assert PaymentEvent.objects.count() == 2


def test_two_at_once_record_one_event(shop: Shop) -> None:
    results = at_once(lambda: call(NAME, **EVENT), lambda: call(NAME, **EVENT))

    event = PaymentEvent.objects.get()
    assert [one.event_id for one in results] == [event.id, event.id]
    assert sorted(one.duplicate for one in results) == [False, True]


def test_repetition_tells_that_the_event_was_settled(payment: Payment) -> None:
    recorded = call(NAME, **EVENT)
    call("verify_payment", p_event_id=recorded.event_id)

    again = call(NAME, **EVENT)

    assert (again.duplicate, again.status) == (True, "settled")


def test_unknown_kind_is_refused(shop: Shop) -> None:
    told = refusal(NAME, **EVENT | {"p_kind": "payment.disputed"})

    assert told == ("event_kind_unknown", 422, {"kind": "payment.disputed"})
    assert PaymentEvent.objects.count() == 0


def test_refund_id_that_is_nobodys_is_recorded_unlinked(shop: Shop) -> None:
    call(NAME, **EVENT | {"p_kind": "refund.failed", "p_refund_id": uuid.uuid4()})

    event = PaymentEvent.objects.get()
    assert (event.refund_id, event.status) == (None, "recorded")


def test_event_is_locked(shop: Shop) -> None:
    call(NAME, **EVENT)

    assert_locks(PaymentEvent.objects.get(), NAME, **EVENT)


def test_an_id_used_again_for_another_payment_is_an_event_of_its_own(payment: Payment) -> None:
    other = EVENT | {"p_provider_order_id": "po_2", "p_provider_payment_id": "pay_2"}
    first = call(NAME, **EVENT)

    second = call(NAME, **other)
    copies = at_once(*[lambda: call(NAME, **other)] * 4, lambda: call(NAME, **EVENT))

    assert not second.duplicate
    assert second.event_id != first.event_id
    assert {one.event_id for one in copies} == {first.event_id, second.event_id}
    assert all(one.duplicate for one in copies)
    told = PaymentEvent.objects.order_by("seq").values_list("provider_payment_id", "payment_id")
    assert list(told) == [("pay_1", payment.id), ("pay_2", None)]


def test_equal_ids_for_two_payments_at_once_lose_neither(shop: Shop) -> None:
    others = [EVENT | {"p_provider_payment_id": f"pay_{n}"} for n in range(6)]

    at_once(*[lambda one=one: call(NAME, **one) for one in others])

    kept = set(PaymentEvent.objects.values_list("provider_payment_id", flat=True))
    assert kept == {f"pay_{n}" for n in range(6)}
