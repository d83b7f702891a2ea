"""`update_return_status`: a return's legal way, what arrival leaves behind, and the order's end."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from commerce.core.models import IdempotencyKey, OutboxMessage, SagaStep
from commerce.core.procedures import Result, call
from commerce.orders.models import Order, OrderEvent, OrderItem, Return, ReturnItem
from commerce.payments.models import Payment
from tests.procedures.order_calls import key
from tests.shop.builder import Shop
from tests.shop.locks import assert_locks, at_once
from tests.shop.refusals import refusal

NAME = "update_return_status"
TIMES = ("approved_at", "received_at", "closed_at")


def asked(order: Order, **quantities: int) -> Return:
    """A return of every line of the order, or of these quantities by SKU."""
    lines = [
        {"order_item_id": str(one.id), "quantity": quantities.get(one.sku, one.quantity)}
        for one in order.items.all()
        if not quantities or one.sku in quantities
    ]
    made = call(
        "request_return",
        p_order_id=order.id,
        p_user_id=order.user_id,
        p_items=lines,
        p_reason="too small",
        p_window_days=15,
    )
    return Return.objects.get(id=made.return_id)


def moving(back: Return, to: str, **params: Any) -> dict[str, Any]:
    """The parameters of one step by the system."""
    values = {"p_return_id": back.id, "p_to": to, "p_actor_id": None, "p_actor_kind": "system"}
    return values | params


def moved(back: Return, *way: str) -> Return:
    """The return, moved along this way."""
    for to in way:
        call(NAME, **moving(back, to))
    back.refresh_from_db()
    return back


def condition(item: OrderItem, told: str | None) -> dict[str, Any]:
    """How one line arrived."""
    return {"order_item_id": str(item.id), "condition": told}


def test_each_step_is_written_with_its_time_and_told_but_for_the_last(shop: Shop) -> None:
    back = asked(shop.delivered({shop.variant(): 1}))

    for n, to in enumerate(("approved", "received", "closed"), start=1):
        answer = call(NAME, **moving(back, to, p_note=f"was {to}"))

        back.refresh_from_db()
        assert dict(answer) == {"status": to, "replayed": False}
        assert (back.status, back.staff_note, back.version) == (to, f"was {to}", n + 1)
        assert [getattr(back, one) is not None for one in TIMES] == [one < n for one in range(3)]
    told = OutboxMessage.objects.filter(aggregate_id=back.id).order_by("seq")
    assert list(told.values_list("topic", flat=True)) == [
        "return.requested",
        "return.approved",
        "return.received",
    ]
    assert told[2].payload == told[0].payload
    assert told[2].payload["return_number"] == back.number


def test_rejected_return_is_over(shop: Shop) -> None:
    back = moved(asked(shop.delivered({shop.variant(): 1})), "rejected")

    assert (back.status, back.approved_at, back.closed_at is not None) == ("rejected", None, True)
    assert OutboxMessage.objects.filter(topic="return.rejected").count() == 1
    assert SagaStep.objects.filter(kind="return").count() == 0


def test_step_without_a_note_keeps_the_last_one(shop: Shop) -> None:
    back = asked(shop.delivered({shop.variant(): 1}))
    call(NAME, **moving(back, "approved", p_note="send it by courier"))

    moved(back, "received")

    assert back.staff_note == "send it by courier"


def test_goods_are_back_for_stock_unless_told_otherwise(shop: Shop) -> None:
    order = shop.delivered({shop.variant(): 2, shop.variant(): 1})
    good, torn = order.items.order_by("-quantity")
    back = moved(asked(order), "approved")

    call(NAME, **moving(back, "received", p_items=[condition(torn, "damaged")]))

    items = ReturnItem.objects.values_list("order_item_id", "condition", "restored_at")
    assert set(items) == {(good.id, "restock", None), (torn.id, "damaged", None)}


def test_last_unit_back_ends_the_order(shop: Shop) -> None:
    staff, order = shop.staff(), shop.delivered({shop.variant(): 2})
    back = moved(asked(order), "approved")

    call(NAME, **moving(back, "received", p_actor_id=staff.id, p_actor_kind="staff"))

    version = order.version
    order.refresh_from_db()
    assert (order.status, order.version, order.closed_at is not None) == (
        "returned",
        version + 1,
        True,
    )
    assert order.items.get().quantity_returned == 2
    event = OrderEvent.objects.get(seq=version + 1)
    assert (event.from_status, event.to_status, event.actor_kind, event.actor_id, event.note) == (
        "delivered",
        "returned",
        "staff",
        staff.id,
        back.number,
    )


def test_order_with_a_unit_still_out_stays_delivered(shop: Shop) -> None:
    variant = shop.variant(sku="A")
    order = shop.delivered({variant: 2})
    moved(asked(order, A=1), "approved", "received")
    version = order.version
    order.refresh_from_db()
    assert (order.status, order.version, order.items.get().quantity_returned) == (
        "delivered",
        version,
        1,
    )

    moved(asked(order, A=1), "approved", "received")

    order.refresh_from_db()
    assert (order.status, order.items.get().quantity_returned) == ("returned", 2)


def test_arrival_records_what_stock_and_money_must_do(shop: Shop) -> None:
    order = shop.delivered({shop.variant(): 1})
    back = moved(asked(order), "approved", "received")

    steps = SagaStep.objects.filter(kind="return", saga_id=back.id, status="pending")
    assert set(steps.values_list("step", "subject_id", "compensation")) == {
        ("restore_inventory", back.id, ""),
        ("initiate_refund", back.id, ""),
    }
    payload = {"return_id": str(back.id), "payment_id": str(Payment.objects.get().id)}
    assert [one.payload for one in steps] == [payload, payload]
    assert [len(one.payload_hash) for one in steps] == [64, 64]


def test_closing_ends_the_workflow_and_may_be_repeated(shop: Shop) -> None:
    back = moved(asked(shop.delivered({shop.variant(): 1})), "approved", "received")
    SagaStep.objects.create(
        kind="return",
        saga_id=back.id,
        step=NAME,
        subject_id=back.id,
        payload={"to": "closed"},
    )
    moved(back, "closed")
    before = Return.objects.values().get()

    again = call(NAME, **moving(back, "closed"))

    assert dict(again) == {"status": "closed", "replayed": False}
    assert Return.objects.values().get() == before
    step = SagaStep.objects.get(step=NAME)
    assert (step.status, step.finished_at is not None) == ("done", True)


@pytest.mark.parametrize(
    ("way", "to"),
    [
        ((), "received"),
        ((), "closed"),
        ((), "requested"),
        ((), "lost"),
        (("approved",), "approved"),
        (("approved",), "rejected"),
        (("approved",), "closed"),
        (("rejected",), "approved"),
        (("rejected",), "rejected"),
        (("approved", "received"), "received"),
        (("approved", "received", "closed"), "received"),
    ],
)
def test_step_off_the_way_is_illegal(shop: Shop, way: tuple[str, ...], to: str) -> None:
    back = moved(asked(shop.delivered({shop.variant(): 1})), *way)

    said = refusal(NAME, **moving(back, to))

    figures = {"from": back.status, "to": to, "actor": "system"}
    assert said == ("illegal_transition", 409, figures)


@pytest.mark.parametrize("actor", ["customer", None])
def test_only_the_house_moves_a_return(shop: Shop, actor: str | None) -> None:
    back = asked(shop.delivered({shop.variant(): 1}))

    said = refusal(NAME, **moving(back, "approved", p_actor_kind=actor))

    figures = {"from": "requested", "to": "approved", "actor": actor}
    assert said == ("illegal_transition", 409, figures)


@pytest.mark.parametrize("told", ["lost", "", None])
def test_unknown_condition_is_refused(shop: Shop, told: str | None) -> None:
    order = shop.delivered({shop.variant(): 1})
    back, item = moved(asked(order), "approved"), order.items.get()

    said = refusal(NAME, **moving(back, "received", p_items=[condition(item, told)]))

    figures = {"order_item_id": str(item.id), "condition": told}
    assert said == ("bad_condition", 422, figures)
    back.refresh_from_db()
    assert (back.status, order.items.get().quantity_returned) == ("approved", 0)


def test_condition_of_a_line_that_is_not_in_the_return_is_refused(shop: Shop) -> None:
    order = shop.delivered({shop.variant(sku="A"): 1, shop.variant(sku="B"): 1})
    back, other = moved(asked(order, A=1), "approved"), order.items.get(sku="B")

    said = refusal(NAME, **moving(back, "received", p_items=[condition(other, "restock")]))

    assert said == ("order_item_not_found", 404, {"order_item_id": str(other.id)})


def test_unknown_return_is_not_found(shop: Shop) -> None:
    unknown = Return(id=uuid.uuid4())

    said = refusal(NAME, **moving(unknown, "approved"))

    assert said == ("return_not_found", 404, {"return_id": str(unknown.id)})


def test_repeating_a_key_answers_the_first_step_even_later(shop: Shop) -> None:
    staff, back = shop.staff(), asked(shop.delivered({shop.variant(): 1}))
    call(NAME, **moving(back, "approved", **key(staff.id)))
    moved(back, "received")

    again = call(NAME, **moving(back, "approved", **key(staff.id)))

    assert dict(again) == {"status": "approved", "replayed": True}
    back.refresh_from_db()
    assert (back.status, back.version) == ("received", 3)
    stored = IdempotencyKey.objects.get()
    assert (stored.procedure, stored.result_id) == (NAME, back.id)


def test_key_with_another_request_is_refused(shop: Shop) -> None:
    staff, back = shop.staff(), asked(shop.delivered({shop.variant(): 1}))
    call(NAME, **moving(back, "approved", **key(staff.id)))

    said = refusal(NAME, **moving(back, "received", **key(staff.id, "f-2")))

    assert said == ("key_reused", 422, {"procedure": NAME})


@pytest.mark.parametrize("keyed", [True, False])
def test_two_arrivals_at_once_count_once(shop: Shop, keyed: bool) -> None:
    staff, order = shop.staff(), shop.delivered({shop.variant(): 2})
    back = moved(asked(order), "approved")
    same = moving(back, "received", **(key(staff.id) if keyed else {}))

    answers = at_once(*[lambda: call(NAME, **same)] * 4)

    done = [one for one in answers if isinstance(one, Result)]
    assert [one.replayed for one in done].count(False) == 1
    assert len(done) == (4 if keyed else 1)
    assert order.items.get().quantity_returned == 2
    assert OrderEvent.objects.filter(to_status="returned").count() == 1


def test_order_its_lines_and_the_return_are_locked(shop: Shop) -> None:
    order = shop.delivered({shop.variant(): 1})
    back = asked(order)

    for row in (order, order.items.get(), back):
        assert_locks(row, NAME, **moving(back, "approved"))
    back.refresh_from_db()
    assert back.status == "requested"
