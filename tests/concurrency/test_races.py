"""Many at once: stock, coupons, payments and refunds keep their limits."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from commerce.core.errors import ProblemError
from commerce.core.procedures import Result, call
from commerce.coupons.models import CouponUsage
from commerce.orders.models import Order
from commerce.payments.models import Payment, PaymentEvent, Refund
from tests.shop.builder import Shop
from tests.shop.locks import at_once

TRIALS = 10


def outcomes(results: list[Any]) -> Counter[str]:
    """How many calls succeeded, and how many were refused with which code."""
    for result in results:
        assert isinstance(result, Result | ProblemError), result
    return Counter("ok" if isinstance(one, Result) else one.code for one in results)


def test_the_last_units_go_to_as_many_buyers_as_there_are(shop: Shop) -> None:
    variant = shop.variant(stock=5)
    buyers = [shop.user() for _ in range(16)]
    for buyer in buyers:
        shop.cart(buyer, {variant: 1})
        shop.validate(buyer)

    results = at_once(*[lambda who=buyer: shop.hold(who) for buyer in buyers])

    assert outcomes(results) == {"ok": 5, "insufficient_stock": 11}
    assert shop.inventory(variant) == (5, 5)
    shop.audit()


def test_carts_in_opposite_orders_meet_no_deadlock(shop: Shop) -> None:
    variants = [shop.variant(stock=100) for _ in range(4)]
    buyers = [shop.user() for _ in range(12)]
    for n, buyer in enumerate(buyers):
        ordered = variants if n % 2 else variants[::-1]
        shop.cart(buyer, dict.fromkeys(ordered, 1))
        shop.validate(buyer)

    results = at_once(*[lambda who=buyer: shop.hold(who) for buyer in buyers])

    assert outcomes(results) == {"ok": 12}
    assert {shop.inventory(variant) for variant in variants} == {(100, 12)}


def test_a_coupon_goes_to_as_many_as_its_limit(shop: Shop) -> None:
    shop.coupon("FIRST3", total_limit=3)
    variant = shop.variant(stock=100)
    buyers = [shop.user() for _ in range(12)]
    for buyer in buyers:
        shop.cart(buyer, {variant: 1})

    results = at_once(*[lambda who=buyer: shop.apply(who, "FIRST3") for buyer in buyers])

    assert outcomes(results) == {"ok": 3, "coupon_limit_reached": 9}
    assert CouponUsage.objects.filter(status="reserved").count() == 3


def test_an_order_is_placed_once_from_two_sessions(shop: Shop) -> None:
    variant = shop.variant(stock=5)
    cart = shop.checked_out({variant: 1})
    total = shop.quote(cart.id)["total"]

    results = at_once(*[lambda: shop.create_order(cart, p_expected_total=total) for _ in range(8)])

    assert outcomes(results) == {"ok": 1, "cart_not_found": 7}
    assert Order.objects.count() == 1


@pytest.mark.parametrize("trial", range(TRIALS))
def test_payment_and_expiry_end_in_one_of_two_ways(shop: Shop, trial: int) -> None:
    variant = shop.variant(stock=5)
    order = shop.placed({variant: 1})
    event = shop.event(shop.attempt(order))
    Order.objects.filter(id=order.id).update(expires_at=timezone.now() - timedelta(seconds=1))

    at_once(lambda: shop.settle(event), lambda: expire(order))

    order.refresh_from_db()
    ends = (order.status, Payment.objects.get().disposition, PaymentEvent.objects.get().outcome)
    assert ends in {("confirmed", "kept", "settled"), ("cancelled", "refund_due", "late")}


def expire(order: Order) -> Result:
    return call(
        "cancel_order",
        p_order_id=order.id,
        p_actor_kind="system",
        p_reason="payment_time_over",
        p_if_expired=True,
        p_line_max=settings.CART_LINE_MAX,
    )


def test_one_of_many_events_settles_a_payment(shop: Shop) -> None:
    order = shop.placed({shop.variant(stock=5): 1})
    payment = shop.attempt(order)
    events = [shop.event(payment) for _ in range(8)]

    results = at_once(*[lambda one=event: shop.settle(one) for event in events])

    assert Counter(one.outcome for one in results) == {"settled": 1, "duplicate": 7}
    assert Payment.objects.get().disposition == "kept"


def test_two_attempts_paid_at_once_keep_one(shop: Shop) -> None:
    order = shop.placed({shop.variant(stock=5): 1})
    first = shop.attempt(order)
    shop.settle(shop.event(first, "payment.failed"))
    second = shop.attempt(order)
    events = [shop.event(first), shop.event(second)]

    results = at_once(*[lambda one=event: shop.settle(one) for event in events])

    assert sorted(one.outcome for one in results) == ["late", "settled"]
    assert set(Payment.objects.values_list("disposition", flat=True)) == {"kept", "refund_due"}


def test_refunds_at_once_never_exceed_the_capture(shop: Shop) -> None:
    order = shop.delivered({shop.variant("100.00"): 1})

    results = at_once(*[lambda: partial_refund(shop, order) for _ in range(8)])

    assert outcomes(results) == {"ok": 2, "refund_exceeds_capture": 6}
    assert [refund.amount for refund in Refund.objects.all()] == [shop.rupees("40.00")] * 2


def partial_refund(shop: Shop, order: Order) -> Result:
    return call(
        "initiate_refund",
        p_order_id=order.id,
        p_amount=shop.rupees("40.00"),
        p_reason="goodwill",
        p_owner=order.user_id,
        p_key=str(uuid.uuid4()),
        p_fingerprint="x",
    )


def test_a_code_is_spent_once(shop: Shop) -> None:
    spend: Callable[[], Result] = lambda: call(  # noqa: E731
        "verify_otp",
        p_phone="+919812345678",
        p_code_hash="h" * 64,
        p_max_failures=5,
        p_failure_window_seconds=3600,
    )
    call(
        "send_otp",
        p_phone="+919812345678",
        p_ip="127.0.0.1",
        p_code_hash="h" * 64,
        p_ttl_seconds=300,
        p_cooldown_seconds=30,
        p_phone_limit=5,
        p_ip_limit=30,
        p_max_failures=5,
        p_failure_window_seconds=3600,
    )

    assert outcomes(at_once(*[spend] * 4)) == {"ok": 1, "otp_invalid": 3}
