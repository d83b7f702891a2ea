"""`update_order_status`: the way to the door and back, what each step needs and what it leaves."""

from __future__ import annotations

import uuid

import pytest

from commerce.core.models import OutboxMessage, SagaStep
from commerce.core.procedures import call
from commerce.orders.models import Order, OrderEvent
from commerce.payments.models import Payment
from tests.procedures.order_calls import (
    moving,
    pending_steps,
)
from tests.shop.builder import Shop
from tests.shop.refusals import refusal

NAME = "update_order_status"
WAY = ("packed", "shipped", "out_for_delivery", "delivered")


def moved(shop: Shop, order: Order, to: str) -> Order:
    """The order, moved along its way up to this status."""
    for status in WAY[: WAY.index(to) + 1]:
        shop.move(order, status)
    order.refresh_from_db()
    return order


def test_each_step_is_written_with_its_version_and_its_event(shop: Shop) -> None:
    staff, order = shop.staff(), shop.paid({shop.variant(): 1})
    first = order.version + 1

    answers = [
        call(
            NAME,
            **moving(order, to, p_actor_id=staff.id, p_actor_kind="staff", p_note=f"is {to}"),
        )
        for to in WAY
    ]

    assert [dict(one) for one in answers] == [
        {"status": to, "version": first + n, "replayed": False} for n, to in enumerate(WAY)
    ]
    events = OrderEvent.objects.filter(order=order, seq__gte=first).order_by("seq")
    columns = ("seq", "from_status", "to_status", "actor_kind", "actor_id", "note")
    assert list(events.values_list(*columns)) == [
        (first + n, source, to, "staff", staff.id, f"is {to}")
        for n, (source, to) in enumerate(zip(("confirmed", *WAY), WAY, strict=False))
    ]


def test_shipping_and_delivery_leave_their_times_and_the_tracking_number(shop: Shop) -> None:
    order = moved(shop, shop.paid({shop.variant(): 1}), "delivered")

    assert (order.carrier, order.tracking_number) == ("Delhivery", "DL123")
    assert order.shipped_at is not None
    assert order.delivered_at is not None
    assert order.shipped_at < order.delivered_at
    assert order.closed_at is None


def test_customer_is_told_of_shipping_and_delivery_but_not_of_packing(shop: Shop) -> None:
    order = moved(shop, shop.paid({shop.variant("499.00"): 1}), "delivered")

    told = OutboxMessage.objects.filter(aggregate_id=order.id).order_by("seq")
    assert list(told.values_list("topic", flat=True)) == [
        "order.confirmed",
        "order.shipped",
        "order.out_for_delivery",
        "order.delivered",
    ]
    assert told[1].payload == {
        "order_id": str(order.id),
        "user_id": str(order.user_id),
        "number": order.number,
        "total": "499.00",
        "currency": "INR",
    }
    assert told[1].aggregate_type == "order"


def test_delivery_captures_cash(shop: Shop) -> None:
    order = shop.delivered({shop.variant("499.00"): 2}, method="cod")

    payment = Payment.objects.get()
    assert (payment.status, payment.disposition, payment.captured_amount) == (
        "captured",
        "kept",
        order.total,
    )
    assert payment.captured_at is not None
    assert order.payment_status == "paid"


def test_delivery_leaves_an_online_payment_as_it_was(shop: Shop) -> None:
    order = moved(shop, shop.paid({shop.variant(): 1}), "out_for_delivery")
    before = Payment.objects.values().get()

    shop.move(order, "delivered")

    order.refresh_from_db()
    assert Payment.objects.values().get() == before
    assert order.payment_status == "paid"


@pytest.mark.parametrize("reached", ["shipped", "out_for_delivery"])
def test_cash_order_refused_at_the_door_is_undone_without_a_refund(
    shop: Shop, reached: str
) -> None:
    shop.coupon("SAVE10")
    order = shop.placed({shop.variant(): 1}, method="cod", coupon="SAVE10")
    moved(shop, order, reached)

    answer = shop.move(order, "returned_to_origin")

    order.refresh_from_db()
    payment = Payment.objects.get()
    assert (answer.status, order.status, order.payment_status) == (
        "returned_to_origin",
        "returned_to_origin",
        "unpaid",
    )
    assert order.closed_at is not None
    assert (payment.status, payment.failure_code) == ("failed", "returned_to_origin")
    assert pending_steps(order) == {
        ("restore_inventory", order.id),
        ("rollback_coupon", order.id),
    }
    told = OutboxMessage.objects.order_by("seq").last()
    assert told is not None
    assert told.topic == "order.returned_to_origin"


def test_prepaid_order_that_comes_back_is_refunded(shop: Shop) -> None:
    order = moved(shop, shop.paid({shop.variant(): 1}), "shipped")

    shop.move(order, "returned_to_origin")

    order.refresh_from_db()
    assert order.payment_status == "paid"
    assert pending_steps(order) == {
        ("restore_inventory", order.id),
        ("initiate_refund", Payment.objects.get().id),
    }
    step = SagaStep.objects.get(step="initiate_refund")
    assert (step.payload, step.compensation) == ({"reason": "returned_to_origin"}, "")
    assert len(step.payload_hash) == 64


@pytest.mark.parametrize(
    "to", ["created", "pending_payment", "confirmed", "cancelled", "returned", "lost"]
)
def test_status_reached_another_way_cannot_be_set(shop: Shop, to: str) -> None:
    order = shop.paid({shop.variant(): 1})

    assert refusal(NAME, **moving(order, to)) == ("status_not_settable", 422, {"to": to})


@pytest.mark.parametrize("to", ["shipped", "out_for_delivery", "delivered", "returned_to_origin"])
def test_step_that_skips_another_is_illegal(shop: Shop, to: str) -> None:
    order = shop.paid({shop.variant(): 1})

    said = refusal(NAME, **moving(order, to))

    figures = {"from": "confirmed", "to": to, "actor": "system"}
    assert said == ("illegal_transition", 409, figures)
    order.refresh_from_db()
    assert order.status == "confirmed"


def test_customer_moves_nothing(shop: Shop) -> None:
    order = shop.paid({shop.variant(): 1})

    said = refusal(NAME, **moving(order, "packed", p_actor_kind="customer"))

    figures = {"from": "confirmed", "to": "packed", "actor": "customer"}
    assert said == ("illegal_transition", 409, figures)


def test_same_step_again_is_illegal(shop: Shop) -> None:
    order = moved(shop, shop.paid({shop.variant(): 1}), "packed")

    said = refusal(NAME, **moving(order, "packed"))

    assert said[2] == {"from": "packed", "to": "packed", "actor": "system"}


def test_unknown_order_is_not_found(shop: Shop) -> None:
    unknown = Order(id=uuid.uuid4())

    said = refusal(NAME, **moving(unknown, "packed"))

    assert said == ("order_not_found", 404, {"order_id": str(unknown.id)})


def test_other_version_than_the_one_seen_is_a_conflict(shop: Shop) -> None:
    order = shop.paid({shop.variant(): 1})

    said = refusal(NAME, **moving(order, "packed", p_expected_version=order.version - 1))
    call(NAME, **moving(order, "packed", p_expected_version=order.version))

    figures = {"expected": order.version - 1, "actual": order.version}
    assert said == ("version_conflict", 409, figures)


@pytest.mark.parametrize("missing", ["p_carrier", "p_tracking_number"])
def test_shipping_without_carrier_or_number_is_refused(shop: Shop, missing: str) -> None:
    order = moved(shop, shop.paid({shop.variant(): 1}), "packed")

    said = refusal(NAME, **moving(order, "shipped", **{missing: ""}))

    assert said == ("tracking_required", 422, {"order_id": str(order.id)})


def test_shipping_before_the_stock_has_left_is_refused(shop: Shop) -> None:
    order = shop.placed({shop.variant(): 1})
    shop.settle(shop.event(shop.attempt(order)))
    moved(shop, order, "packed")

    said = refusal(NAME, **moving(order, "shipped"))
    call("decrease_inventory", p_order_id=order.id)
    shop.move(order, "shipped")

    assert said == ("stock_not_consumed", 409, {"order_id": str(order.id)})
