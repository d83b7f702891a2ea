"""A workflow interrupted between any two of its steps is finished, or undone, by the job."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from commerce.cart.models import CartItem
from commerce.core.models import SagaStep
from commerce.core.procedures import call
from commerce.orders.models import Order, OrderItem, Return
from commerce.orders.tasks import reconcile_workflows, resume_workflows
from commerce.payments.models import Payment, Refund
from commerce.payments.tasks import submit_refunds
from tests.shop.builder import Shop

LONGEST_WORKFLOW = 5


def finish() -> None:
    """Let the job take each step as it falls due, until none is pending."""
    for _ in range(LONGEST_WORKFLOW):
        if not SagaStep.objects.filter(status="pending").update(due_at=timezone.now()):
            return
        resume_workflows()
    raise AssertionError(list(SagaStep.objects.filter(status="pending").values()))


def cancel(order: Order) -> None:
    """Only the first step of a cancellation."""
    call(
        "cancel_order",
        p_order_id=order.id,
        p_actor_kind="customer",
        p_reason="changed_mind",
        p_line_max=settings.CART_LINE_MAX,
    )


def test_an_order_that_was_only_created_gets_its_prices(shop: Shop) -> None:
    cart = shop.checked_out({shop.variant("499.00"): 2})
    order_id = shop.create_order(cart).order_id

    finish()

    order = Order.objects.get(id=order_id)
    assert (order.status, order.tax_included) == ("pending_payment", shop.rupees("47.52"))
    shop.audit()


def test_a_cash_order_that_was_only_created_is_confirmed(shop: Shop) -> None:
    variant = shop.variant(stock=5)
    cart = shop.checked_out({variant: 2}, method="cod")
    order_id = shop.create_order(cart).order_id

    finish()

    order = Order.objects.get(id=order_id)
    assert (order.status, order.payment_status) == ("confirmed", "cod_due")
    assert shop.inventory(variant) == (3, 0)
    shop.audit()


def test_a_cash_order_that_was_only_registered_gives_its_stock(shop: Shop) -> None:
    variant = shop.variant(stock=5)
    cart = shop.checked_out({variant: 2}, method="cod")
    order_id = shop.create_order(cart).order_id
    call("freeze_order_pricing", p_order_id=order_id)
    shop.attempt(Order.objects.get(id=order_id), provider="cod")

    finish()

    assert shop.inventory(variant) == (3, 0)
    shop.audit()


def test_a_settlement_without_its_stock_is_finished(shop: Shop) -> None:
    variant = shop.variant(stock=5)
    order = shop.placed({variant: 2})
    shop.settle(shop.event(shop.attempt(order)))

    finish()

    assert shop.inventory(variant) == (3, 0)
    assert OrderItem.objects.get().quantity_sold == 2
    shop.audit()


def test_a_late_capture_without_its_refund_is_paid_back(shop: Shop) -> None:
    order = shop.placed({shop.variant("499.00"): 1})
    payment = shop.attempt(order)
    cancel(order)
    shop.settle(shop.event(payment))

    finish()
    submit_refunds()

    assert Payment.objects.get().disposition == "refund_due"
    refund = Refund.objects.get()
    assert (refund.amount, refund.status) == (shop.rupees("499.00"), "succeeded")
    shop.audit()


def test_a_cancellation_without_its_undoing_is_finished(shop: Shop) -> None:
    variant = shop.variant("500.00", stock=5)
    shop.coupon("SAVE10", total_limit=1)
    order = shop.paid({variant: 2}, coupon="SAVE10")
    cancel(order)

    finish()
    submit_refunds()

    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("cancelled", "refunded")
    assert shop.inventory(variant) == (5, 0)
    assert order.coupon_usages.get().status == "rolled_back"
    assert Refund.objects.get().amount == shop.rupees("900.00")
    shop.audit()


def test_a_received_return_without_the_rest_is_closed(shop: Shop) -> None:
    variant = shop.variant("500.00", stock=5)
    order = shop.delivered({variant: 2})
    item = order.items.get()
    back = call(
        "request_return",
        p_order_id=order.id,
        p_user_id=order.user_id,
        p_items=[{"order_item_id": str(item.id), "quantity": 1}],
        p_reason="Too small",
        p_window_days=settings.RETURN_WINDOW_DAYS,
    ).return_id
    for to in ("approved", "received"):
        call(
            "update_return_status",
            p_return_id=back,
            p_to=to,
            p_actor_id=None,
            p_actor_kind="staff",
        )

    finish()
    submit_refunds()

    assert Return.objects.get().status == "closed"
    assert shop.inventory(variant) == (4, 0)
    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("delivered", "partially_refunded")
    shop.audit()


def test_an_order_that_cannot_be_frozen_is_cancelled_in_the_end(shop: Shop) -> None:
    variant = shop.variant("499.00", stock=5)
    cart = shop.checked_out({variant: 2})
    order_id = shop.create_order(cart).order_id
    OrderItem.objects.update(unit_price=shop.rupees("498.00"))  # what a bug might do

    for _ in range(settings.SAGA_MAX_ATTEMPTS):
        SagaStep.objects.filter(status="pending").update(due_at=timezone.now())
        resume_workflows()
    finish()

    order = Order.objects.get(id=order_id)
    assert order.status == "cancelled"
    assert shop.inventory(variant) == (5, 0)
    assert CartItem.objects.get(cart__user=cart.user, cart__status="open").quantity == 2
    freeze = SagaStep.objects.get(step="freeze_order_pricing")
    assert (freeze.status, freeze.last_error) == ("cancelled", "pricing_mismatch")


def test_an_overdue_step_is_taken_whatever_its_turn(shop: Shop) -> None:
    variant = shop.variant(stock=5)
    order = shop.placed({variant: 2})
    shop.settle(shop.event(shop.attempt(order)))
    long_ago = timezone.now() - timedelta(seconds=2 * settings.SAGA_EXPECTED_SECONDS + 1)
    later = timezone.now() + timedelta(hours=1)
    SagaStep.objects.filter(status="pending").update(created_at=long_ago, due_at=later)

    resume_workflows()
    assert shop.inventory(variant) == (5, 2)
    reconcile_workflows()

    assert shop.inventory(variant) == (3, 0)


def test_a_step_that_was_given_up_is_told_with_all_that_helps(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    order = shop.placed({shop.variant(): 1})
    step = SagaStep.objects.create(
        kind="settle",
        saga_id=order.id,
        step="decrease_inventory",
        subject_id=order.id,
        status="failed",
        last_error="order_not_confirmed",
    )

    reconcile_workflows()

    alert = next(one for one in caplog.records if one.levelname == "ERROR")
    assert alert.getMessage() == (
        f"workflow settle of {order.id} needs a person: "
        "step decrease_inventory was refused with order_not_confirmed"
    )
    assert vars(alert)["admin"] == f"/admin/core/sagastep/{step.id}/change/"


def test_a_step_that_nothing_undoes_waits_for_a_person(shop: Shop) -> None:
    order = shop.placed({shop.variant(): 1})
    step = SagaStep.objects.create(
        kind="settle",
        saga_id=order.id,
        step="decrease_inventory",
        subject_id=order.id,
        attempts=settings.SAGA_MAX_ATTEMPTS - 1,
    )

    resume_workflows()

    step.refresh_from_db()
    assert (step.status, step.last_error) == ("failed", "order_not_confirmed")


def test_a_fault_of_ours_is_counted_and_put_off(shop: Shop) -> None:
    order = shop.placed({shop.variant(): 1})
    step = SagaStep.objects.create(
        kind="settle", saga_id=order.id, step="no_such_step", subject_id=order.id
    )

    resume_workflows()

    step.refresh_from_db()
    assert (step.status, step.attempts, step.last_error) == ("pending", 1, "internal_error")
    assert step.due_at > timezone.now()
