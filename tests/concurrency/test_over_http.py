"""Clients and the order desk get in each other's way over HTTP: refunds, cancellations, edits."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

from django.db.models import Sum

from commerce.cart.models import CartItem
from commerce.inventory.models import Inventory
from commerce.orders.models import Order
from commerce.payments.models import Payment, Refund
from tests.concurrency.buying import ONE_PRICE, fill
from tests.concurrency.sizes import size
from tests.concurrency.web import THREADS, Answer, Customer, Web, piled_up
from tests.crash.aftermath import audit_without_grace, let_jobs_finish
from tests.shop.builder import Shop

ORDERS = size(6, 200)
REFUSED = {
    *("409 refund_exceeds_capture", "409 nothing_to_refund", "422 refund_quantity_exceeded"),
}


def test_ten_refunds_by_the_desk_never_exceed_the_capture(shop: Shop, web: Web) -> None:
    order = shop.delivered({shop.variant(ONE_PRICE): 2, shop.variant("299.00"): 2})
    desk = web.client(shop.staff())
    lines = [[{"order_item_id": str(one.id), "quantity": 1}] for one in order.items.all()]
    wanted: list[dict[str, Any]] = [{"items": line} for line in lines * 3]
    wanted += [{}, {}, {"amount": "500.00"}, {"amount": "0.01"}]

    answers = piled_up(
        order,
        [
            partial(desk.post, f"orders/{order.id}/refunds", one | {"reason": "goodwill"})
            for one in wanted
        ],
        THREADS,
    )

    assert {one.outcome for one in answers} <= {"201"} | REFUSED
    given_back = Refund.objects.aggregate(Sum("amount"))["amount__sum"]
    assert given_back == order.total, "one of the two whole refunds took what was left"
    let_jobs_finish()
    assert audit_without_grace() == []


def test_orders_paid_and_cancelled_at_once_are_paid_back_once(shop: Shop, web: Web) -> None:
    buyers = web.customers(ORDERS)
    variant = shop.variant(ONE_PRICE, stock=ORDERS)
    fill([one.address for one in buyers], variant)

    answers = [answer for one in buyers for answer in paid_and_cancelled(one)]
    let_jobs_finish()

    assert Counter(one.outcome for one in answers) == {"200": 3 * ORDERS}
    assert Order.objects.filter(status="cancelled").count() == ORDERS
    assert Payment.objects.filter(status="captured").count() == ORDERS
    assert Refund.objects.filter(status="succeeded").count() == Refund.objects.count() == ORDERS
    assert shop.inventory(variant) == (ORDERS, 0)
    assert audit_without_grace() == []


def paid_and_cancelled(customer: Customer) -> list[Answer]:
    """The webhook of a payment twice and the customer's cancellation, met at the order's row."""
    placed = customer.buy("online").json
    path = f"orders/{placed['id']}"
    attempt = customer.app.post(f"{path}/payments", {"provider": "sandbox"}).json
    names = (f"pay_{attempt['id']}", f"evt_{attempt['id']}")
    paid = partial(customer.app.capture, attempt, *names)
    cancel = partial(customer.app.post, f"{path}/cancel", {"reason": "x"})
    return piled_up(Order.objects.get(id=placed["id"]), [paid, cancel, paid], 3)


def test_a_line_changed_while_the_order_is_placed_is_ordered_as_agreed_or_not_at_all(
    shop: Shop, web: Web
) -> None:
    (customer,) = web.customers(1)
    variant = shop.variant(ONE_PRICE)
    fill([customer.address], variant)
    quote = customer.app.post("checkout", customer.where).json["quote"]
    place = partial(
        customer.app.post, "orders", customer.where | {"expected_total": quote["total"]}
    )
    line = f"cart/items/{CartItem.objects.get().id}"
    change = partial(customer.app.ask, "PATCH", line, {"quantity": 2})

    answers = piled_up(Inventory.objects.get(), [place, change], 1)

    assert [one.outcome for one in answers] in (
        ["201", "404 cart_not_found"],
        ["409 checkout_stale", "200"],
    )
    placed = Order.objects.filter(items__variant=variant, items__quantity=1)
    assert placed.count() == Order.objects.count() == [one.status for one in answers].count(201)
    shop.audit()
