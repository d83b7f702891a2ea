"""`cancel_order`: what it refuses, and that it acts once, whoever else acts at that moment."""

from __future__ import annotations

import uuid

import pytest

from commerce.core.models import IdempotencyKey, OutboxMessage, SagaStep
from commerce.core.procedures import ProcedureError, Result, call
from commerce.orders.models import Order, OrderEvent
from commerce.payments.models import Payment
from tests.procedures.order_calls import (
    cancelling,
    in_cart,
    key,
)
from tests.shop.builder import Shop
from tests.shop.locks import assert_locks, at_once
from tests.shop.refusals import refusal

NAME = "cancel_order"


def test_cancelling_again_is_harmless(shop: Shop) -> None:
    order = shop.placed({shop.variant(): 1})
    call(NAME, **cancelling(order))
    before = Order.objects.values().get(), in_cart(order.user_id)

    again = call(NAME, **cancelling(order))

    assert dict(again) == {"status": "cancelled", "cancelled": False, "replayed": False}
    assert (Order.objects.values().get(), in_cart(order.user_id)) == before
    assert OutboxMessage.objects.count() == 1


@pytest.mark.parametrize("status", ["shipped", "out_for_delivery", "delivered"])
def test_order_that_has_left_the_house_cannot_be_cancelled(shop: Shop, status: str) -> None:
    order = shop.delivered({shop.variant(): 1})
    Order.objects.update(status=status)

    said = refusal(NAME, **cancelling(order))

    figures = {"from": status, "to": "cancelled", "actor": "customer"}
    assert said == ("illegal_transition", 409, figures)


def test_strangers_order_is_not_found(shop: Shop) -> None:
    order = shop.placed({shop.variant(): 1})

    said = refusal(NAME, **cancelling(order, p_user_id=shop.user().id))

    assert said == ("order_not_found", 404, {"order_id": str(order.id)})
    order.refresh_from_db()
    assert order.status == "pending_payment"


def test_unknown_order_is_not_found(shop: Shop) -> None:
    unknown = Order(id=uuid.uuid4(), user_id=shop.user().id)

    said = refusal(NAME, **cancelling(unknown))

    assert said == ("order_not_found", 404, {"order_id": str(unknown.id)})


def test_repeating_a_key_changes_nothing(shop: Shop) -> None:
    order = shop.placed({shop.variant(): 1})
    call(NAME, **cancelling(order, **key(order.user_id)))

    again = call(NAME, **cancelling(order, **key(order.user_id)))

    assert dict(again) == {"status": "cancelled", "cancelled": False, "replayed": True}
    assert OrderEvent.objects.filter(to_status="cancelled").count() == 1
    stored = IdempotencyKey.objects.get()
    assert (stored.procedure, stored.result_id) == (NAME, order.id)


def test_key_with_another_request_is_refused(shop: Shop) -> None:
    order = shop.placed({shop.variant(): 1})
    call(NAME, **cancelling(order, **key(order.user_id)))

    said = refusal(NAME, **cancelling(order, **key(order.user_id, "f-2")))

    assert said == ("key_reused", 422, {"procedure": NAME})


@pytest.mark.parametrize("keyed", [True, False])
def test_two_calls_at_once_cancel_once(shop: Shop, keyed: bool) -> None:
    variant = shop.variant()
    order = shop.placed({variant: 2})
    same = cancelling(order, **(key(order.user_id) if keyed else {}))

    answers = at_once(*[lambda: call(NAME, **same)] * 4)

    done = [one for one in answers if isinstance(one, Result)]
    assert len(done) == 4
    assert [one.cancelled for one in done].count(True) == 1
    assert [one.replayed for one in done].count(True) == (3 if keyed else 0)
    assert in_cart(order.user_id) == {variant.sku: (2, variant.price)}
    assert OrderEvent.objects.filter(to_status="cancelled").count() == 1


def test_payment_and_cancellation_at_once_leave_one_story(shop: Shop) -> None:
    order = shop.placed({shop.variant(): 1})
    event = shop.event(shop.attempt(order))

    answers = at_once(lambda: shop.settle(event), lambda: call(NAME, **cancelling(order)))

    assert not [one for one in answers if isinstance(one, ProcedureError)]
    order.refresh_from_db()
    payment = Payment.objects.get()
    refunds = SagaStep.objects.filter(step="initiate_refund", subject_id=payment.id)
    assert (order.status, payment.status, refunds.count()) == ("cancelled", "captured", 1)


def test_cancellation_and_new_cart_at_once_share_one_cart(shop: Shop) -> None:
    ordered, added = shop.variant(), shop.variant()
    order = shop.placed({ordered: 1})

    answers = at_once(
        lambda: shop.add(added, user=order.user), lambda: call(NAME, **cancelling(order))
    )

    assert all(isinstance(one, Result) for one in answers)
    assert set(in_cart(order.user_id)) == {ordered.sku, added.sku}


def test_user_cart_order_and_payments_are_locked(shop: Shop) -> None:
    order = shop.placed({shop.variant(): 1})
    payment = shop.attempt(order)
    cart = shop.cart(order.user, {shop.variant(): 1})
    # Refused at last, so that no write but the locks alone can make it wait
    same = cancelling(order, p_actor_kind="stranger")

    for row in (order.user, cart, order, payment):
        assert_locks(row, NAME, **same)
    order.refresh_from_db()
    assert order.status == "pending_payment"
