"""Jobs that move payments, refunds and interrupted workflows on."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from commerce.core.models import SagaStep
from commerce.core.procedures import call
from commerce.orders.models import Order
from commerce.orders.tasks import resume_workflows
from commerce.payments.models import PaymentEvent, Refund
from commerce.payments.tasks import settle_waiting_events, submit_refunds
from commerce.payments.workflows import submit_refund
from tests.shop.builder import Shop


def test_a_recorded_event_is_settled_and_the_stock_leaves(shop: Shop) -> None:
    frock = shop.variant(stock=5)
    order = shop.placed({frock: 2})
    shop.event(shop.attempt(order))

    assert settle_waiting_events() == (1, 0)

    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("confirmed", "paid")
    assert shop.inventory(frock) == (3, 0)
    assert settle_waiting_events() == (0, 0)


def test_an_unmatched_event_waits_longer_each_time(shop: Shop) -> None:
    order = shop.placed({shop.variant(): 1})
    event = shop.event(shop.attempt(order), p_provider_order_id="po_of_somebody_else")
    before = timezone.now()

    assert settle_waiting_events() == (1, 0)
    assert settle_waiting_events() == (0, 0)

    waiting = PaymentEvent.objects.get(pk=event.event_id)
    assert (waiting.status, waiting.outcome, waiting.attempts) == ("recorded", "unmatched", 1)
    assert waiting.next_attempt_at > before


def test_a_capture_in_another_currency_is_settled_without_a_refund(shop: Shop) -> None:
    shop.event(shop.attempt(shop.placed({shop.variant(): 1})), p_currency="USD")

    assert settle_waiting_events() == (1, 0)

    assert PaymentEvent.objects.get().outcome == "mismatch"
    assert Refund.objects.count() == 0


def test_an_initiated_refund_is_submitted_and_succeeds(shop: Shop) -> None:
    order = shop.paid({shop.variant("499.00"): 1})
    refund = initiated(shop, order)

    assert submit_refunds() == (1, 0)

    refund.refresh_from_db()
    order.refresh_from_db()
    assert (refund.status, order.payment_status) == ("succeeded", "refunded")
    assert refund.attempts == 1
    assert submit_refunds() == (0, 0)


def test_one_refund_can_be_submitted_at_once_and_again(shop: Shop) -> None:
    refund = initiated(shop, shop.paid({shop.variant(): 1}))

    submit_refund(refund.id)
    submit_refund(refund.id)

    refund.refresh_from_db()
    assert (refund.status, refund.attempts) == ("succeeded", 1)


def test_a_refund_that_is_not_due_waits(shop: Shop) -> None:
    refund = initiated(shop, shop.paid({shop.variant(): 1}))
    later = timezone.now() + timedelta(minutes=1)
    Refund.objects.filter(pk=refund.pk).update(next_attempt_at=later)

    assert submit_refunds() == (0, 0)


def test_an_interrupted_order_is_finished_by_the_job(shop: Shop) -> None:
    frock = shop.variant(stock=5)
    cart = shop.checked_out({frock: 2}, method="cod")
    order_id = shop.create_order(cart).order_id
    assert resume_workflows() == (0, 0), "the request still has a minute"

    for _ in range(4):  # each step leaves the next one to be due
        SagaStep.objects.filter(status="pending").update(due_at=timezone.now())
        resume_workflows()

    order = Order.objects.get(pk=order_id)
    assert (order.status, order.payment_status) == ("confirmed", "cod_due")
    assert shop.inventory(frock) == (3, 0)
    assert not SagaStep.objects.exclude(status="done").exists()


def test_a_refused_step_is_counted_and_put_off(shop: Shop) -> None:
    order = shop.placed({shop.variant(): 1})
    step = SagaStep.objects.create(
        kind="cancel", saga_id=order.id, step="release_inventory", subject_id=order.id
    )
    before = timezone.now()

    assert resume_workflows() == (0, 1)

    step.refresh_from_db()
    assert (step.status, step.attempts, step.last_error) == ("pending", 1, "order_not_cancelled")
    assert step.due_at > before


def initiated(shop: Shop, order: Order) -> Refund:
    """The whole refund of a paid order, initiated and not yet submitted."""
    made = call("initiate_refund", p_order_id=order.id, p_reason="test")
    return Refund.objects.get(pk=made.refund_id)
