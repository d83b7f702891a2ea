"""Each workflow of the shop, prepared up to the request that takes its steps."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from commerce.core.procedures import call
from commerce.orders.models import Order, Return
from commerce.payments.models import Payment
from commerce.payments.providers.sandbox import EVENT_ID_HEADER, SIGNATURE_HEADER, sign
from tests.crash.doomed import Request, by
from tests.shop.builder import Shop

Workflow = Callable[[Shop], Request]
ANSWER = "idempotency_keys its-answer"  # kept, and sent


def place_online(shop: Shop) -> Request:
    return place(shop, "online")


def place_cash(shop: Shop) -> Request:
    return place(shop, "cod")


def place(shop: Shop, method: str) -> Request:
    shop.coupon("SAVE10", total_limit=1)
    lines = {shop.variant("499.00", stock=5): 2, shop.variant("899.00", stock=5): 1}
    cart = shop.checked_out(lines, method=method, coupon="SAVE10")
    order = {
        "address_id": cart.address_id,
        "payment_method": method,
        "expected_total": shop.quote(cart.id)["total"],
    }
    return by(shop.owner(cart), "orders", order)


def awaiting(shop: Shop) -> Order:
    """An order with a coupon that nobody has paid yet."""
    shop.coupon("SAVE10", total_limit=1)
    return shop.placed({shop.variant("500.00", stock=5): 2}, coupon="SAVE10")


def webhook(payment: Payment) -> Request:
    body = json.dumps(
        {
            "event": "payment.captured",
            "provider_order_id": payment.provider_order_id,
            "provider_payment_id": f"pay_{uuid.uuid4().hex}",
            "amount": str(payment.amount),
            "currency": "INR",
        }
    ).encode()
    headers = {
        "Content-Type": "application/json",
        SIGNATURE_HEADER: sign(body),
        EVENT_ID_HEADER: f"evt_{uuid.uuid4().hex}",
    }
    return Request("/api/v1/payments/webhooks/sandbox", body, headers)


def attempt(shop: Shop) -> Request:
    order = awaiting(shop)
    return by(order.user, f"orders/{order.id}/payments", {"provider": "sandbox"})


def settled_by_webhook(shop: Shop) -> Request:
    return webhook(shop.attempt(awaiting(shop)))


def settled_by_client(shop: Shop) -> Request:
    payment = shop.attempt(awaiting(shop))
    paid = {
        "provider_order_id": payment.provider_order_id,
        "provider_payment_id": "pay_1",
        "signature": sign(f"{payment.provider_order_id}|pay_1".encode()),
    }
    return by(payment.order.user, f"payments/{payment.id}/verify", paid)


def late_capture(shop: Shop) -> Request:
    order = awaiting(shop)
    payment = shop.attempt(order)
    cancelled(order)
    return webhook(payment)


def second_capture(shop: Shop) -> Request:
    payment = shop.attempt(awaiting(shop))
    shop.settle(shop.event(payment))
    return webhook(payment)


def cancelled(order: Order) -> None:
    call(
        "cancel_order",
        p_order_id=order.id,
        p_actor_kind="customer",
        p_reason="changed my mind",
        p_line_max=10,
    )


def cancel(order: Order) -> Request:
    return by(order.user, f"orders/{order.id}/cancel", {"reason": "changed my mind"})


def cancel_unpaid(shop: Shop) -> Request:
    return cancel(awaiting(shop))


def cancel_paid(shop: Shop) -> Request:
    shop.coupon("SAVE10", total_limit=1)
    return cancel(shop.paid({shop.variant("500.00", stock=5): 2}, coupon="SAVE10"))


def cancel_before_stock_left(shop: Shop) -> Request:
    order = awaiting(shop)
    shop.settle(shop.event(shop.attempt(order)))
    return cancel(order)


def step(shop: Shop, order: Order, to: str) -> Request:
    more = {"carrier": "Delhivery", "tracking_number": "DL1"} if to == "shipped" else {}
    return by(shop.staff(), f"orders/{order.id}/status", {"to": to, **more})


def come_back(shop: Shop, method: str) -> Request:
    """A shipped order that nobody was at home to take."""
    shop.coupon("SAVE10", total_limit=1)
    lines = {shop.variant("500.00", stock=5): 2}
    order = (shop.placed if method == "cod" else shop.paid)(lines, coupon="SAVE10", method=method)
    shop.move(order, "packed")
    shop.move(order, "shipped")
    return step(shop, order, "returned_to_origin")


def deliver_cash(shop: Shop) -> Request:
    order = shop.placed({shop.variant(stock=5): 1}, method="cod")
    for to in ("packed", "shipped", "out_for_delivery"):
        shop.move(order, to)
    return step(shop, order, "delivered")


def ask_return(shop: Shop) -> Request:
    order = shop.delivered({shop.variant(stock=5): 2})
    items = [{"order_item_id": order.items.get().id, "quantity": 1}]
    return by(order.user, f"orders/{order.id}/return", {"items": items, "reason": "too small"})


def asked_back(shop: Shop, method: str = "online") -> Return:
    """A delivered order of which all is to come back."""
    order = shop.delivered({shop.variant("500.00", stock=5): 2}, method=method)
    asked = call(
        "request_return",
        p_order_id=order.id,
        p_user_id=order.user_id,
        p_items=[{"order_item_id": str(order.items.get().id), "quantity": 2}],
        p_reason="too small",
        p_window_days=15,
    )
    return Return.objects.get(id=asked.return_id)


def moved(back: Return, to: str) -> None:
    """Only the first step of what moving a return does."""
    who: dict[str, Any] = {"p_actor_id": None, "p_actor_kind": "system"}
    call("update_return_status", p_return_id=back.id, p_to=to, **who)


def approve(shop: Shop) -> Request:
    return by(shop.staff(), f"returns/{asked_back(shop).id}/status", {"to": "approved"})


def receive(shop: Shop, method: str) -> Request:
    back = asked_back(shop, method)
    moved(back, "approved")
    return by(shop.staff(), f"returns/{back.id}/status", {"to": "received"})


def partial_refund(shop: Shop) -> Request:
    order = shop.delivered({shop.variant("500.00"): 1})
    return by(shop.staff(), f"orders/{order.id}/refunds", {"amount": "40.00", "reason": "goodwill"})


def add(shop: Shop) -> Request:
    variant = shop.variant(stock=5)
    return by(shop.user(), "cart/items", {"variant_id": variant.id, "quantity": 1})


# What each is killed before; the steps of an undoing follow the first in any order
REQUESTS: MappingProxyType[str, tuple[Workflow, str]] = MappingProxyType(
    {
        "add to cart": (add, f"add_to_cart {ANSWER}"),
        "place online": (place_online, f"create_order freeze_order_pricing {ANSWER}"),
        "place cash": (
            place_cash,
            "create_order freeze_order_pricing register_payment_attempt decrease_inventory "
            f"{ANSWER}",
        ),
        "open an attempt": (
            attempt,
            f"register_payment_attempt register_payment_attempt {ANSWER}",
        ),
        "settle by webhook": (
            settled_by_webhook,
            "payment_webhook verify_payment decrease_inventory its-answer",
        ),
        "settle by client": (
            settled_by_client,
            f"payment_webhook verify_payment decrease_inventory {ANSWER}",
        ),
        "late capture": (
            late_capture,
            "payment_webhook verify_payment initiate_refund its-answer",
        ),
        "second capture": (
            second_capture,
            "payment_webhook verify_payment initiate_refund its-answer",
        ),
        "cancel unpaid": (
            cancel_unpaid,
            f"cancel_order release_inventory rollback_coupon {ANSWER}",
        ),
        "cancel before the stock left": (
            cancel_before_stock_left,
            f"cancel_order release_inventory rollback_coupon initiate_refund {ANSWER}",
        ),
        "cancel paid": (
            cancel_paid,
            f"cancel_order restore_inventory rollback_coupon initiate_refund {ANSWER}",
        ),
        "come back, paid": (
            lambda shop: come_back(shop, "online"),
            f"update_order_status restore_inventory rollback_coupon initiate_refund {ANSWER}",
        ),
        "come back, cash": (
            lambda shop: come_back(shop, "cod"),
            f"update_order_status restore_inventory rollback_coupon {ANSWER}",
        ),
        "deliver for cash": (deliver_cash, f"update_order_status {ANSWER}"),
        "ask to return": (ask_return, f"request_return {ANSWER}"),
        "approve a return": (approve, f"update_return_status {ANSWER}"),
        "receive a return": (
            lambda shop: receive(shop, "online"),
            f"update_return_status restore_inventory initiate_refund update_return_status {ANSWER}",
        ),
        "receive a return, cash": (
            lambda shop: receive(shop, "cod"),
            f"update_return_status restore_inventory initiate_refund update_return_status {ANSWER}",
        ),
        "refund a part": (partial_refund, f"initiate_refund {ANSWER}"),
    }
)
