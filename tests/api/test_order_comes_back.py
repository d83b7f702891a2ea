"""What a customer sees of an order that comes back: returns and refunds, and how far they are."""

from __future__ import annotations

from typing import Any

from commerce.orders.models import Order, Return
from commerce.payments.models import Refund
from commerce.payments.tasks import submit_refunds
from tests.api.conftest import Api
from tests.shop.builder import Shop

RETURN_TIMES = ("created_at", "approved_at", "received_at", "closed_at")


def seen(api: Api, order: Order) -> dict[str, Any]:
    """The order as its owner sees it."""
    answer = api(order.user).get(f"/api/v1/orders/{order.id}")
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


def asked_back(shop: Shop, api: Api, order: Order, quantity: int) -> str:
    """The id of the return that the customer asked for."""
    line = {"order_item_id": str(order.items.get().id), "quantity": quantity}
    answer = api(order.user).post(
        f"/api/v1/orders/{order.id}/return",
        {"items": [line], "reason": "Too small"},
        headers={"Idempotency-Key": shop.key()},
    )
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


def moved(shop: Shop, api: Api, return_id: str, to: str, note: str = "") -> None:
    """The desk moves the return along."""
    path = f"/api/v1/returns/{return_id}/status"
    answer = api(shop.staff()).post(path, {"to": to, "note": note})
    assert answer.status_code == 200, answer.content


def reached(back: dict[str, Any]) -> list[str]:
    """The stations of a return that have a time."""
    return [name for name in RETURN_TIMES if back[name] is not None]


def test_order_that_stays_with_its_buyer_has_neither_return_nor_refund(
    shop: Shop, api: Api
) -> None:
    order = shop.delivered({shop.variant(): 1})

    body = seen(api, order)

    assert (body["returns"], body["refunds"]) == ([], [])


def test_return_is_followed_from_the_wish_to_the_money(shop: Shop, api: Api) -> None:
    order = shop.delivered({shop.variant("500.00"): 2})
    line = {"order_item_id": str(order.items.get().id), "quantity": 1}
    back = asked_back(shop, api, order, 1)

    asked = seen(api, order)
    moved(shop, api, back, "approved")
    approved = seen(api, order)
    moved(shop, api, back, "received")
    received = seen(api, order)
    submit_refunds()
    paid = seen(api, order)

    steps = [body["returns"][0] for body in (asked, approved, received, paid)]
    assert [step["status"] for step in steps] == ["requested", "approved", "closed", "closed"]
    assert reached(steps[0]) == ["created_at"]
    assert reached(steps[1]) == ["created_at", "approved_at"]
    assert reached(steps[2]) == [*RETURN_TIMES]
    assert steps[0]["items"] == [line | {"condition": ""}]
    assert steps[3]["items"] == [line | {"condition": "restock"}]
    assert (steps[3]["id"], steps[3]["reason"]) == (back, "Too small")
    assert (asked["refunds"], approved["refunds"]) == ([], [])
    refund = Refund.objects.get()
    begun, done = received["refunds"][0], paid["refunds"][0]
    assert (begun["status"], begun["finished_at"]) == ("initiated", None)
    assert (done["id"], done["status"], done["return_id"]) == (str(refund.id), "succeeded", back)
    assert (done["amount"], done["currency"]) == ("500.00", "INR")
    assert done["payment_id"] == str(order.payments.get().id)
    assert done["finished_at"] is not None


def test_rejected_return_says_so_without_the_words_of_the_desk(shop: Shop, api: Api) -> None:
    order = shop.delivered({shop.variant(): 1})
    back = asked_back(shop, api, order, 1)
    moved(shop, api, back, "rejected", note="Third time this month, keep an eye on her")

    body = seen(api, order)

    (told,) = body["returns"]
    assert (told["status"], reached(told)) == ("rejected", ["created_at", "closed_at"])
    assert Return.objects.get().staff_note == "Third time this month, keep an eye on her"
    assert "Third time" not in str(body)
    assert body["refunds"] == []


def test_returns_and_refunds_are_told_oldest_first(shop: Shop, api: Api) -> None:
    order = shop.delivered({shop.variant("500.00"): 3})
    backs = []
    for _ in range(2):
        backs.append(asked_back(shop, api, order, 1))
        moved(shop, api, backs[-1], "approved")
        moved(shop, api, backs[-1], "received")
    submit_refunds()

    body = seen(api, order)

    assert [one["id"] for one in body["returns"]] == backs
    assert [one["return_id"] for one in body["refunds"]] == backs
    assert [one["amount"] for one in body["refunds"]] == ["500.00", "500.00"]


def test_cancelling_a_paid_order_answers_with_its_refund(shop: Shop, api: Api) -> None:
    order = shop.paid({shop.variant("249.50"): 2})

    answer = api(order.user).post(f"/api/v1/orders/{order.id}/cancel", {"reason": "Too late"})

    (refund,) = answer.json()["refunds"]
    assert (refund["amount"], refund["return_id"]) == ("499.00", None)


def test_what_was_deleted_is_not_told(shop: Shop, api: Api) -> None:
    order = shop.delivered({shop.variant(): 1})
    back = asked_back(shop, api, order, 1)
    moved(shop, api, back, "approved")
    moved(shop, api, back, "received")
    Return.objects.update(is_deleted=True)
    Refund.objects.update(is_deleted=True)

    body = seen(api, order)

    assert (body["returns"], body["refunds"]) == ([], [])
