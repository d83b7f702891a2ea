"""`cancel_order`: what ends, what must be undone, and what goes back into the cart."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from commerce.cart.models import Cart, CartItem
from commerce.core.models import OutboxMessage, SagaStep
from commerce.core.procedures import call
from commerce.orders.models import Order, OrderEvent
from commerce.payments.models import Payment
from tests.procedures.order_calls import (
    cancelling,
    in_cart,
    pending_steps,
)
from tests.shop.builder import Shop

NAME = "cancel_order"


def by_clock(order: Order) -> dict[str, Any]:
    """The parameters of a cancellation by the job that ends unpaid orders."""
    return {
        "p_order_id": order.id,
        "p_actor_kind": "system",
        "p_reason": "payment_time_over",
        "p_if_expired": True,
        "p_line_max": 10,
    }


def run_out(order: Order) -> None:
    """Let the order's time be over."""
    Order.objects.filter(id=order.id).update(expires_at=timezone.now() - timedelta(seconds=1))


def test_unpaid_order_is_cancelled_with_its_event_and_message(shop: Shop) -> None:
    order = shop.placed({shop.variant("499.00"): 2})

    answer = call(NAME, **cancelling(order))

    order.refresh_from_db()
    assert dict(answer) == {"status": "cancelled", "cancelled": True, "replayed": False}
    assert (order.status, order.payment_status, order.version, order.cancel_reason) == (
        "cancelled",
        "unpaid",
        3,
        "changed my mind",
    )
    assert order.closed_at is not None
    event = OrderEvent.objects.get(seq=3)
    assert (event.from_status, event.to_status, event.actor_kind, event.actor_id, event.note) == (
        "pending_payment",
        "cancelled",
        "customer",
        order.user_id,
        "changed my mind",
    )
    message = OutboxMessage.objects.get()
    assert (message.topic, message.aggregate_type, message.aggregate_id) == (
        "order.cancelled",
        "order",
        order.id,
    )
    assert message.payload == {
        "order_id": str(order.id),
        "user_id": str(order.user_id),
        "number": order.number,
        "total": "998.00",
        "currency": "INR",
    }


def test_unpaid_order_has_its_holds_and_coupon_to_undo(shop: Shop) -> None:
    shop.coupon("SAVE10")
    order = shop.placed({shop.variant(): 1}, coupon="SAVE10")

    call(NAME, **cancelling(order))

    assert pending_steps(order) == {
        ("release_inventory", order.id),
        ("rollback_coupon", order.id),
    }
    step = SagaStep.objects.get(step="release_inventory")
    assert (step.payload, len(step.payload_hash)) == ({"reason": "cancelled"}, 64)


@pytest.mark.parametrize("status", ["confirmed", "packed"])
def test_paid_order_has_its_stock_and_money_to_undo(shop: Shop, status: str) -> None:
    order = shop.paid({shop.variant(): 1})
    if status == "packed":
        shop.move(order, "packed")

    call(NAME, **cancelling(order))

    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("cancelled", "paid")
    assert pending_steps(order) == {
        ("restore_inventory", order.id),
        ("initiate_refund", Payment.objects.get().id),
    }


def test_order_paid_but_not_yet_taken_from_stock_releases_its_holds(shop: Shop) -> None:
    order = shop.placed({shop.variant(): 1})
    shop.settle(shop.event(shop.attempt(order)))

    call(NAME, **cancelling(order))

    assert pending_steps(order) == {
        ("release_inventory", order.id),
        ("initiate_refund", Payment.objects.get().id),
    }
    assert SagaStep.objects.get(step="decrease_inventory").status == "cancelled"


def test_cash_order_has_its_stock_and_coupon_to_undo_and_nothing_is_due(shop: Shop) -> None:
    shop.coupon("SAVE10")
    order = shop.placed({shop.variant(): 1}, method="cod", coupon="SAVE10")

    call(NAME, **cancelling(order))

    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("cancelled", "unpaid")
    assert Payment.objects.get().status == "expired"
    assert pending_steps(order) == {
        ("restore_inventory", order.id),
        ("rollback_coupon", order.id),
    }


def test_open_attempt_expires_and_earlier_ones_stay(shop: Shop) -> None:
    order = shop.placed({shop.variant(): 1})
    failed = shop.attempt(order)
    shop.settle(shop.event(failed, "payment.failed"))
    shop.attempt(order)

    call(NAME, **cancelling(order))

    attempts = Payment.objects.order_by("attempt").values_list("status", flat=True)
    assert list(attempts) == ["failed", "expired"]


def test_steps_that_would_lead_the_order_on_are_void(shop: Shop) -> None:
    cart = shop.checked_out({shop.variant(): 1})
    order = Order.objects.get(id=shop.create_order(cart).order_id)

    call(NAME, **cancelling(order, p_actor_kind="system", p_user_id=None))

    step = SagaStep.objects.get(step="freeze_order_pricing")
    assert step.status == "cancelled"
    assert step.finished_at is not None


def test_lines_of_an_unpaid_order_go_into_a_new_cart_at_the_price_seen(shop: Shop) -> None:
    frock, shoes = shop.variant("499.00", mrp="999.00"), shop.variant("250.00")
    order = shop.placed({frock: 2, shoes: 1})
    type(frock).objects.filter(id=frock.id).update(price=Decimal("550.00"))

    call(NAME, **cancelling(order))

    cart = Cart.objects.get(status="open")
    assert (cart.user_id, cart.version, cart.coupon_id) == (order.user_id, 2, None)
    assert in_cart(order.user_id) == {
        frock.sku: (2, Decimal("499.00")),
        shoes.sku: (1, Decimal("250.00")),
    }


def test_lines_join_the_open_cart_up_to_the_maximum(shop: Shop) -> None:
    both, removed, new = (shop.variant("100.00", mrp="200.00", stock=50) for _ in range(3))
    order = shop.placed({both: 8, removed: 3, new: 6})
    type(both).objects.update(price=Decimal("120.00"))
    cart = shop.cart(order.user, {both: 1, removed: 4})
    CartItem.objects.filter(cart=cart, variant=removed).update(is_deleted=True)

    call(NAME, **cancelling(order, p_line_max=5))

    assert in_cart(order.user_id) == {
        both.sku: (5, Decimal("120.00")),
        removed.sku: (3, Decimal("100.00")),
        new.sku: (5, Decimal("100.00")),
    }
    assert Cart.objects.get(status="open").version == cart.version + 1


@pytest.mark.parametrize("gone", ["variant", "product"])
def test_lines_no_longer_sold_stay_out_of_the_cart(shop: Shop, gone: str) -> None:
    sold, ended = shop.variant(), shop.variant()
    order = shop.placed({sold: 1, ended: 1})
    if gone == "variant":
        type(ended).objects.filter(id=ended.id).update(status="inactive")
    else:
        type(ended.product).objects.filter(id=ended.product_id).update(status="archived")

    call(NAME, **cancelling(order))

    assert set(in_cart(order.user_id)) == {sold.sku}


def test_no_cart_is_opened_for_nothing(shop: Shop) -> None:
    ended = shop.variant()
    order = shop.placed({ended: 1})
    type(ended).objects.update(status="inactive")

    call(NAME, **cancelling(order))

    assert not Cart.objects.filter(status="open").exists()


def test_lines_of_a_paid_order_stay_out_of_the_cart(shop: Shop) -> None:
    order = shop.paid({shop.variant(): 1})

    call(NAME, **cancelling(order))

    assert not Cart.objects.filter(status="open").exists()


def test_order_whose_time_is_over_is_ended_by_the_clock(shop: Shop) -> None:
    variant = shop.variant()
    order = shop.placed({variant: 1})
    run_out(order)

    answer = call(NAME, **by_clock(order))

    assert dict(answer) == {"status": "cancelled", "cancelled": True, "replayed": False}
    event = OrderEvent.objects.get(to_status="cancelled")
    assert (event.actor_kind, event.actor_id, event.note) == ("system", None, "payment_time_over")
    assert set(in_cart(order.user_id)) == {variant.sku}


def test_order_that_was_never_frozen_is_ended_by_the_clock(shop: Shop) -> None:
    cart = shop.checked_out({shop.variant(): 1})
    order = Order.objects.get(id=shop.create_order(cart).order_id)
    run_out(order)

    assert call(NAME, **by_clock(order)).cancelled is True


def test_clock_leaves_an_order_with_time_left(shop: Shop) -> None:
    order = shop.placed({shop.variant(): 1})

    answer = call(NAME, **by_clock(order))

    assert dict(answer) == {"status": "pending_payment", "cancelled": False, "replayed": False}
    assert OrderEvent.objects.count() == 2


def test_clock_leaves_an_order_that_was_paid_in_time(shop: Shop) -> None:
    order = shop.paid({shop.variant(): 1})
    run_out(order)

    answer = call(NAME, **by_clock(order))

    assert dict(answer) == {"status": "confirmed", "cancelled": False, "replayed": False}
