"""`request_return`: what may come back, until when, and never more than was bought."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from commerce.core.models import IdempotencyKey, OutboxMessage
from commerce.core.procedures import Result, call
from commerce.orders.models import Order, OrderItem, Return, ReturnItem
from tests.procedures.order_calls import counted_to, key
from tests.shop.builder import Shop
from tests.shop.locks import assert_locks, at_once
from tests.shop.refusals import refusal

NAME = "request_return"


def line(item: OrderItem, quantity: int = 1) -> dict[str, Any]:
    """One line of the request."""
    return {"order_item_id": str(item.id), "quantity": quantity}


def asking(order: Order, *lines: dict[str, Any], **params: Any) -> dict[str, Any]:
    """The parameters of a return of these lines by the order's owner, within 15 days."""
    values = {
        "p_order_id": order.id,
        "p_user_id": order.user_id,
        "p_items": list(lines),
        "p_reason": "too small",
        "p_window_days": 15,
    }
    return values | params


def test_return_is_recorded_with_its_items_and_told(shop: Shop) -> None:
    order = shop.delivered({shop.variant(): 3, shop.variant(): 2})
    first, second = order.items.order_by("-quantity")

    made = call(NAME, **asking(order, line(first, 2), line(second, 1)))

    asked = Return.objects.get()
    assert dict(made) == {"return_id": asked.id, "replayed": False}
    assert re.fullmatch(r"RT\d{4}-\d{6}", asked.number)
    assert (asked.order_id, asked.status, asked.reason, asked.version, asked.created_by_id) == (
        order.id,
        "requested",
        "too small",
        1,
        order.user_id,
    )
    items = ReturnItem.objects.filter(return_request=asked)
    assert set(items.values_list("order_item_id", "quantity", "condition")) == {
        (first.id, 2, ""),
        (second.id, 1, ""),
    }
    message = OutboxMessage.objects.get(aggregate_id=asked.id)
    assert (message.topic, message.aggregate_type) == ("return.requested", "return")
    assert message.payload == {
        "return_id": str(asked.id),
        "return_number": asked.number,
        "order_id": str(order.id),
        "user_id": str(order.user_id),
        "number": order.number,
    }
    order.refresh_from_db()
    assert (order.status, order.items.get(id=first.id).quantity_returned) == ("delivered", 0)


def test_numbers_go_on_after_the_first_million(shop: Shop) -> None:
    order = shop.delivered({shop.variant(): 3})

    with counted_to("return_number_seq", 999_998):
        for _ in range(3):
            call(NAME, **asking(order, line(order.items.get())))

    numbers = Return.objects.order_by("created_at").values_list("number", flat=True)
    assert [one[6:] for one in numbers] == ["-999999", "-1000000", "-1000001"]


def test_rest_of_a_line_can_be_returned_later_but_not_more(shop: Shop) -> None:
    order = shop.delivered({shop.variant(): 3})
    item = order.items.get()
    call(NAME, **asking(order, line(item, 2)))

    said = refusal(NAME, **asking(order, line(item, 2)))
    call(NAME, **asking(order, line(item, 1)))

    figures = {"order_item_id": str(item.id), "requested": 2, "returnable": 1}
    assert said == ("return_quantity_exceeded", 422, figures)
    assert sorted(ReturnItem.objects.values_list("quantity", flat=True)) == [1, 2]


def test_pieces_of_a_rejected_return_can_be_asked_for_again(shop: Shop) -> None:
    order = shop.delivered({shop.variant(): 1})
    item = order.items.get()
    call(NAME, **asking(order, line(item)))
    Return.objects.update(status="rejected")

    call(NAME, **asking(order, line(item)))

    assert Return.objects.count() == 2


def test_more_than_was_bought_is_refused(shop: Shop) -> None:
    order = shop.delivered({shop.variant(): 2})
    item = order.items.get()

    said = refusal(NAME, **asking(order, line(item, 3)))

    figures = {"order_item_id": str(item.id), "requested": 3, "returnable": 2}
    assert said == ("return_quantity_exceeded", 422, figures)
    assert Return.objects.count() == 0


@pytest.mark.parametrize("quantity", [0, -1])
def test_quantity_below_one_is_refused(shop: Shop, quantity: int) -> None:
    order = shop.delivered({shop.variant(): 2})
    item = order.items.get()

    said = refusal(NAME, **asking(order, line(item, quantity)))

    figures = {"order_item_id": str(item.id), "quantity": quantity}
    assert said == ("bad_quantity", 422, figures)


@pytest.mark.parametrize("items", [[], None])
def test_return_of_nothing_is_refused(shop: Shop, items: Any) -> None:
    order = shop.delivered({shop.variant(): 2})

    said = refusal(NAME, **asking(order, p_items=items))

    assert said == ("bad_quantity", 422, {"order_item_id": None, "quantity": 0})


def test_line_named_twice_is_refused(shop: Shop) -> None:
    order = shop.delivered({shop.variant(): 2})
    item = order.items.get()

    said = refusal(NAME, **asking(order, line(item), line(item)))

    assert said == ("duplicate_item", 422, {"order_item_id": str(item.id)})


def test_line_of_another_order_is_not_found(shop: Shop) -> None:
    order, other = shop.delivered({shop.variant(): 1}), shop.delivered({shop.variant(): 1})
    foreign = other.items.get()

    said = refusal(NAME, **asking(order, line(order.items.get()), line(foreign)))

    assert said == ("order_item_not_found", 404, {"order_item_id": str(foreign.id)})


def test_strangers_order_is_not_found(shop: Shop) -> None:
    order = shop.delivered({shop.variant(): 1})

    said = refusal(NAME, **asking(order, line(order.items.get()), p_user_id=shop.user().id))

    assert said == ("order_not_found", 404, {"order_id": str(order.id)})


def test_order_that_has_not_arrived_cannot_be_returned(shop: Shop) -> None:
    order = shop.paid({shop.variant(): 1})

    said = refusal(NAME, **asking(order, line(order.items.get())))

    assert said == ("order_not_returnable", 409, {"status": "confirmed"})


def test_return_after_the_window_is_refused(shop: Shop) -> None:
    order = shop.delivered({shop.variant(): 1})
    delivered = timezone.now() - timedelta(days=15, seconds=1)
    Order.objects.update(delivered_at=delivered)

    said = refusal(NAME, **asking(order, line(order.items.get())))

    code, status, context = said
    assert (code, status) == ("return_window_closed", 409)
    assert context["closed_at"].startswith((delivered + timedelta(days=15)).strftime("%Y-%m-%dT%H"))


def test_return_on_the_last_day_is_taken(shop: Shop) -> None:
    order = shop.delivered({shop.variant(): 1})
    Order.objects.update(delivered_at=timezone.now() - timedelta(days=15) + timedelta(minutes=1))

    assert call(NAME, **asking(order, line(order.items.get()))).replayed is False


def test_repeating_a_key_answers_the_first_return(shop: Shop) -> None:
    order = shop.delivered({shop.variant(): 2})
    same = asking(order, line(order.items.get()), **key(order.user_id))
    first = call(NAME, **same)

    again = call(NAME, **same)

    assert dict(again) == dict(first) | {"replayed": True}
    assert Return.objects.count() == 1
    stored = IdempotencyKey.objects.get()
    assert (stored.procedure, stored.result_id) == (NAME, first.return_id)


def test_key_with_another_request_is_refused(shop: Shop) -> None:
    order = shop.delivered({shop.variant(): 2})
    asked = line(order.items.get())
    call(NAME, **asking(order, asked, **key(order.user_id)))

    said = refusal(NAME, **asking(order, asked, **key(order.user_id, "f-2")))

    assert said == ("key_reused", 422, {"procedure": NAME})


@pytest.mark.parametrize("keyed", [True, False])
def test_calls_at_once_never_return_a_piece_twice(shop: Shop, keyed: bool) -> None:
    order = shop.delivered({shop.variant(): 1})
    same = asking(order, line(order.items.get()), **(key(order.user_id) if keyed else {}))

    answers = at_once(*[lambda: call(NAME, **same)] * 4)

    done = [one for one in answers if isinstance(one, Result)]
    assert [one.replayed for one in done].count(False) == 1
    assert len(done) == (4 if keyed else 1)
    assert Return.objects.count() == ReturnItem.objects.count() == 1


def test_unknown_order_is_not_found(shop: Shop) -> None:
    unknown = Order(id=uuid.uuid4(), user_id=shop.user().id)

    said = refusal(NAME, **asking(unknown))

    assert said == ("order_not_found", 404, {"order_id": str(unknown.id)})


def test_order_is_locked(shop: Shop) -> None:
    order = shop.delivered({shop.variant(): 1})

    assert_locks(order, NAME, **asking(order, line(order.items.get())))
    assert Return.objects.count() == 0
