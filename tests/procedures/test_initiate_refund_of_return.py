"""`initiate_refund` for a return: its items, once, when the goods have arrived."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest

from commerce.core.models import SagaStep
from commerce.core.procedures import call
from commerce.orders.models import Order, Return, ReturnItem
from commerce.payments.models import Payment, Refund, RefundItem
from tests.shop.builder import Shop
from tests.shop.locks import assert_locks, at_once
from tests.shop.refusals import refusal

NAME = "initiate_refund"


@pytest.fixture
def returned(shop: Shop) -> Return:
    """Two of three units of 50.00 have come back; the refund is the recorded next step."""
    order = shop.paid({shop.variant("50.00"): 3})
    made = Return.objects.create(order=order, number="RT-1", status="received", reason="too small")
    ReturnItem.objects.create(
        return_request=made, order_item=order.items.get(), quantity=2, condition="restock"
    )
    SagaStep.objects.create(kind="return", saga_id=made.id, step=NAME, subject_id=made.id)
    return made


def test_returned_units_are_paid_back(returned: Return) -> None:
    asked = call(NAME, p_return_id=returned.id)

    refund = Refund.objects.get()
    assert (asked.refund_id, asked.amount) == (refund.id, Decimal("100.00"))
    assert (refund.return_request_id, refund.payment.disposition) == (returned.id, "kept")
    assert RefundItem.objects.values_list("quantity", "amount").get() == (2, Decimal("100.00"))


def test_return_is_to_be_closed_next(returned: Return) -> None:
    call(NAME, p_return_id=returned.id, p_payment_id=Payment.objects.get().id)

    assert SagaStep.objects.get(step=NAME).status == "done"
    following = SagaStep.objects.get(step="update_return_status")
    assert (following.kind, following.saga_id, following.subject_id, following.payload) == (
        "return",
        returned.id,
        returned.id,
        {"to": "closed"},
    )
    assert following.status == "pending"


def test_return_again_names_its_first_refund(returned: Return) -> None:
    first = call(NAME, p_return_id=returned.id)

    second = call(NAME, p_return_id=returned.id)

    assert dict(second) == dict(first)
    assert SagaStep.objects.filter(step="update_return_status").count() == 1


def test_two_at_once_pay_back_once(returned: Return) -> None:
    results = at_once(*[lambda: call(NAME, p_return_id=returned.id)] * 2)

    refund = Refund.objects.get()
    assert [one.refund_id for one in results] == [refund.id, refund.id]


def test_failed_refund_of_a_return_is_initiated_anew(returned: Return) -> None:
    first = call(NAME, p_return_id=returned.id)
    Refund.objects.update(status="failed")

    second = call(NAME, p_return_id=returned.id)

    assert second.refund_id != first.refund_id
    assert second.amount == Decimal("100.00")


def test_step_that_owes_the_whole_payment_stays(returned: Return) -> None:
    payment = Payment.objects.get()
    step = SagaStep.objects.create(
        kind="cancel", saga_id=returned.order_id, step=NAME, subject_id=payment.id
    )

    call(NAME, p_return_id=returned.id, p_payment_id=payment.id)

    step.refresh_from_db()
    assert step.status == "pending"


def test_goods_that_cost_nothing_close_without_a_refund(returned: Return) -> None:
    returned.order.items.update(line_total=0)

    asked = call(NAME, p_return_id=returned.id)

    assert dict(asked) == {"refund_id": None, "amount": Decimal(0), "replayed": False}
    assert SagaStep.objects.get(step=NAME).status == "done"
    assert SagaStep.objects.filter(step="update_return_status").count() == 1


def test_return_takes_what_an_earlier_amount_left(returned: Return) -> None:
    call(NAME, p_order_id=returned.order_id, p_amount=Decimal("120.00"))

    asked = call(NAME, p_return_id=returned.id)

    assert asked.amount == Decimal("30.00")
    assert RefundItem.objects.values_list("quantity", "amount").get() == (2, Decimal("30.00"))
    assert SagaStep.objects.get(step=NAME).status == "done"


def test_units_paid_back_before_are_not_paid_back_again(returned: Return) -> None:
    item = str(returned.order.items.get().id)
    call(NAME, p_order_id=returned.order_id, p_items=[{"order_item_id": item, "quantity": 2}])

    asked = call(NAME, p_return_id=returned.id)

    assert asked.amount == Decimal("50.00")
    assert RefundItem.objects.filter(refund_id=asked.refund_id).values_list(
        "quantity", "amount"
    ).get() == (1, Decimal("50.00"))


@pytest.mark.parametrize("part", ["amount", "items"])
def test_return_of_goods_paid_back_before_closes_without_a_refund(
    returned: Return, part: str
) -> None:
    wanted = {"order_item_id": str(returned.order.items.get().id), "quantity": 3}
    before = {"p_items": [wanted]} if part == "items" else {"p_amount": Decimal("150.00")}
    call(NAME, p_order_id=returned.order_id, **before)

    asked = call(NAME, p_return_id=returned.id)

    assert dict(asked) == {"refund_id": None, "amount": Decimal(0), "replayed": False}
    assert SagaStep.objects.get(step=NAME).status == "done"
    assert SagaStep.objects.filter(step="update_return_status").count() == 1


def test_what_is_left_is_shared_by_the_lines_that_came_back(shop: Shop) -> None:
    order = shop.paid({shop.variant("50.00"): 1, shop.variant("20.00"): 1})
    made = Return.objects.create(order=order, number="RT-2", status="received", reason="too small")
    for item in order.items.all():
        ReturnItem.objects.create(return_request=made, order_item=item, quantity=1)
    call(NAME, p_order_id=order.id, p_amount=Decimal("11.00"))

    asked = call(NAME, p_return_id=made.id)

    paid_back = RefundItem.objects.values_list("amount", flat=True)
    assert (asked.amount, sum(paid_back)) == (Decimal("59.00"), Decimal("59.00"))
    assert len(paid_back) == 2


@pytest.mark.parametrize("status", ["requested", "approved", "rejected"])
def test_return_that_has_not_arrived_is_refused(returned: Return, status: str) -> None:
    Return.objects.update(status=status)

    told = refusal(NAME, p_return_id=returned.id)

    assert told == (
        "return_not_received",
        409,
        {"return_id": str(returned.id), "status": status},
    )


def test_unknown_return_is_refused(shop: Shop, returned: Return) -> None:
    unknown = uuid.uuid4()
    other: Order = shop.placed({shop.variant("10.00"): 1})

    assert refusal(NAME, p_return_id=unknown) == (
        "return_not_found",
        404,
        {"return_id": str(unknown)},
    )
    assert refusal(NAME, p_return_id=returned.id, p_order_id=other.id) == (
        "return_not_found",
        404,
        {"return_id": str(returned.id)},
    )


def test_return_is_locked(returned: Return) -> None:
    assert_locks(returned, NAME, p_return_id=returned.id)

    assert Refund.objects.count() == 0


def test_refund_after_the_return_was_closed_closes_nothing(returned: Return) -> None:
    Return.objects.update(status="closed")

    call(NAME, p_return_id=returned.id)

    assert Refund.objects.count() == 1
    assert not SagaStep.objects.filter(step="update_return_status").exists()
