"""`register_payment_attempt` for cash on delivery: the order is confirmed at once."""

from __future__ import annotations

from decimal import Decimal

import pytest

from commerce.core.models import OutboxMessage, SagaStep
from commerce.core.procedures import call
from commerce.coupons.models import CouponUsage
from commerce.orders.models import Order
from commerce.payments.models import Payment
from tests.procedures.attempts import NAME, attempt, frozen_cod
from tests.shop.builder import Shop
from tests.shop.locks import assert_locks

NO_PAYLOAD = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"  # SHA-256 of {}


@pytest.fixture
def order(shop: Shop) -> Order:
    """An online order of 998.00 that awaits payment."""
    return shop.placed({shop.variant("499.00"): 2})


def test_cash_on_delivery_confirms_the_order_and_redeems_its_coupon(shop: Shop) -> None:
    shop.coupon("SAVE10")
    order = frozen_cod(shop, coupon="SAVE10")
    frozen_version = order.version

    opened = call(NAME, **attempt(order, p_provider="cod"))

    order.refresh_from_db()
    assert (order.status, order.payment_status, order.expires_at) == ("confirmed", "cod_due", None)
    assert order.confirmed_at is not None
    assert order.version == frozen_version + 1
    payment = Payment.objects.get()
    assert (payment.provider, payment.amount, payment.status) == (
        "cod",
        Decimal("898.20"),
        "initiated",
    )
    assert (opened.payment_id, opened.expires_at) == (payment.id, None)
    assert CouponUsage.objects.get(order=order).status == "redeemed"
    last = order.events.latest("seq")
    assert (last.seq, last.from_status, last.to_status, last.actor_kind) == (
        order.version,
        "pending_payment",
        "confirmed",
        "system",
    )
    message = OutboxMessage.objects.get(topic="order.confirmed")
    assert (message.aggregate_id, message.payload) == (
        order.id,
        {
            "order_id": str(order.id),
            "number": order.number,
            "user_id": str(order.user_id),
            "total": "898.20",
            "payment_method": "cod",
        },
    )


def test_cash_on_delivery_moves_its_saga_on(shop: Shop) -> None:
    order = frozen_cod(shop)

    call(NAME, **attempt(order, p_provider="cod"))

    own = SagaStep.objects.get(step=NAME, subject_id=order.id)
    assert (own.status, own.finished_at is not None) == ("done", True)
    following = SagaStep.objects.get(step="decrease_inventory", subject_id=order.id)
    assert (following.kind, following.saga_id, following.status, following.payload_hash) == (
        "place",
        order.id,
        "pending",
        NO_PAYLOAD,
    )


def test_cash_on_delivery_again_changes_nothing(shop: Shop) -> None:
    order = frozen_cod(shop)
    first = call(NAME, **attempt(order, p_provider="cod"))
    order.refresh_from_db()

    second = call(NAME, **attempt(order, p_provider="cod"))

    assert dict(second) == dict(first)
    assert Payment.objects.count() == 1
    assert Order.objects.get().version == order.version
    assert OutboxMessage.objects.filter(topic="order.confirmed").count() == 1


def test_cash_that_was_collected_is_returned_as_it_is(shop: Shop) -> None:
    order = shop.delivered({shop.variant("499.00"): 1}, method="cod")

    again = call(NAME, **attempt(order, p_provider="cod"))

    assert (again.payment_id, again.status) == (Payment.objects.get().id, "captured")


def test_coupon_is_locked_before_it_is_redeemed(shop: Shop) -> None:
    coupon = shop.coupon("SAVE10")
    order = frozen_cod(shop, coupon="SAVE10")

    assert_locks(coupon, NAME, **attempt(order, p_provider="cod"))
    order.refresh_from_db()
    assert order.status == "pending_payment"
