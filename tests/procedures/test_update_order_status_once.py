"""`update_order_status`: one step per key, under its locks."""

from __future__ import annotations

import pytest

from commerce.core.models import IdempotencyKey
from commerce.core.procedures import Result, call
from commerce.orders.models import OrderEvent
from commerce.payments.models import Payment
from tests.procedures.order_calls import (
    key,
    moving,
)
from tests.shop.builder import Shop
from tests.shop.locks import assert_locks, at_once
from tests.shop.refusals import refusal

NAME = "update_order_status"


def test_repeating_a_key_answers_the_first_step_even_later(shop: Shop) -> None:
    staff, order = shop.staff(), shop.paid({shop.variant(): 1})
    first = call(NAME, **moving(order, "packed", **key(staff.id)))
    shop.move(order, "shipped")

    again = call(NAME, **moving(order, "packed", **key(staff.id)))

    assert dict(again) == dict(first) | {"replayed": True}
    order.refresh_from_db()
    assert (order.status, OrderEvent.objects.filter(to_status="packed").count()) == ("shipped", 1)
    stored = IdempotencyKey.objects.get()
    assert (stored.procedure, stored.result_id) == (NAME, order.id)


def test_key_with_another_request_is_refused(shop: Shop) -> None:
    staff, order = shop.staff(), shop.paid({shop.variant(): 1})
    call(NAME, **moving(order, "packed", **key(staff.id)))

    said = refusal(NAME, **moving(order, "shipped", **key(staff.id, "f-2")))

    assert said == ("key_reused", 422, {"procedure": NAME})


def test_refusal_leaves_the_key_free(shop: Shop) -> None:
    staff, order = shop.staff(), shop.paid({shop.variant(): 1})
    refused = refusal(NAME, **moving(order, "packed", p_expected_version=1, **key(staff.id)))

    done = call(NAME, **moving(order, "packed", **key(staff.id)))

    assert (refused[0], done.replayed) == ("version_conflict", False)


@pytest.mark.parametrize("keyed", [True, False])
def test_two_calls_at_once_make_one_step(shop: Shop, keyed: bool) -> None:
    staff, order = shop.staff(), shop.paid({shop.variant(): 1})
    same = moving(order, "packed", **(key(staff.id) if keyed else {}))

    answers = at_once(*[lambda: call(NAME, **same)] * 4)

    done = [one for one in answers if isinstance(one, Result)]
    assert [one.replayed for one in done].count(False) == 1
    assert len(done) == (4 if keyed else 1)
    assert {one.version for one in done} == {order.version + 1}
    assert OrderEvent.objects.filter(to_status="packed").count() == 1


def test_order_and_payments_are_locked(shop: Shop) -> None:
    order = shop.placed({shop.variant(): 1}, method="cod")
    same = moving(order, "packed")

    assert_locks(order, NAME, **same)
    assert_locks(Payment.objects.get(), NAME, **same)
    order.refresh_from_db()
    assert order.status == "confirmed"
