"""What ends by the clock: carts' holds, coupon slots, and orders that nobody paid."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

from django.db import connections
from django.utils import timezone

from commerce.audit.invariants import violations
from commerce.cart.models import Cart
from commerce.core.jobs import Tally
from commerce.coupons.models import CouponUsage
from commerce.coupons.tasks import expire_coupon_slots
from commerce.inventory.models import StockReservation
from commerce.inventory.tasks import expire_holds
from commerce.orders.models import Order, OrderEvent
from commerce.orders.tasks import cancel_expired_orders
from tests.shop.builder import Shop


def long_ago(**fields: object) -> dict[str, object]:
    """An `expires_at` in the past, beside other fields."""
    return {"expires_at": timezone.now() - timedelta(seconds=1), **fields}


def test_expired_holds_give_their_stock_back(shop: Shop) -> None:
    frock, kurta = shop.variant(stock=5), shop.variant(stock=7)
    late = shop.checked_out({frock: 2, kurta: 3})
    living = shop.checked_out({frock: 1})
    StockReservation.objects.filter(cart=late).update(**long_ago())

    assert expire_holds() == (1, 0)

    assert shop.inventory(frock) == (5, 1)
    assert shop.inventory(kurta) == (7, 0)
    ended = StockReservation.objects.filter(cart=late)
    assert set(ended.values_list("status", "end_reason")) == {("expired", "expired")}
    assert StockReservation.objects.get(cart=living).status == "active"
    assert expire_holds() == (0, 0)


def test_a_hold_bound_to_an_order_outlives_its_clock(shop: Shop) -> None:
    frock = shop.variant(stock=5)
    order = shop.placed({frock: 2})
    StockReservation.objects.filter(order=order).update(**long_ago())

    assert expire_holds() == (0, 0)

    assert shop.inventory(frock) == (5, 2)


def test_two_runs_at_once_end_each_thing_once(shop: Shop) -> None:
    frock = shop.variant(stock=40)
    orders = [shop.placed({frock: 2}) for _ in range(6)]
    carts = [shop.checked_out({frock: 1}) for _ in range(6)]
    Order.objects.filter(pk__in=[order.pk for order in orders]).update(**long_ago())
    StockReservation.objects.filter(cart__in=carts).update(**long_ago())
    start = threading.Barrier(4)
    failed: list[int] = []

    def run(job: Callable[[], Tally]) -> None:
        start.wait()
        failed.append(job().failed)
        connections.close_all()

    jobs = (expire_holds, cancel_expired_orders) * 2
    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert failed == [0, 0, 0, 0]
    assert shop.inventory(frock) == (40, 0)
    assert StockReservation.objects.filter(cart__in=carts, status="expired").count() == 6
    assert StockReservation.objects.filter(order__in=orders, status="released").count() == 6
    assert OrderEvent.objects.filter(to_status="cancelled").count() == 6
    assert violations() == []


def test_one_item_that_fails_does_not_stop_the_others(shop: Shop) -> None:
    frock, kurta = shop.variant(stock=5), shop.variant(stock=5)
    broken, fine = shop.checked_out({frock: 2}), shop.checked_out({kurta: 3})
    StockReservation.objects.filter(cart__in=[broken, fine]).update(**long_ago())
    # A ledger of holds that no longer adds up: giving two units back would go below nothing.
    frock.inventory.update(reserved=0)

    assert expire_holds() == (1, 1)

    assert StockReservation.objects.get(cart=broken).status == "active"
    assert shop.inventory(kurta) == (5, 0)


def test_expired_coupon_slots_are_given_back(shop: Shop) -> None:
    shop.coupon("SAVE10")
    late, living = shop.user(), shop.user()
    for user in (late, living):
        shop.cart(user, {shop.variant(): 1})
        shop.apply(user, "SAVE10")
    CouponUsage.objects.filter(user=late).update(**long_ago())

    assert expire_coupon_slots() == (1, 0)

    gone = CouponUsage.objects.get(user=late)
    assert (gone.status, gone.end_reason) == ("rolled_back", "expired")
    assert CouponUsage.objects.get(user=living).status == "reserved"
    assert Cart.objects.get(user=late).coupon is not None
    assert expire_coupon_slots() == (0, 0)


def test_an_order_nobody_paid_is_cancelled_and_its_stock_and_coupon_return(shop: Shop) -> None:
    shop.coupon("SAVE10")
    frock = shop.variant(stock=5)
    late, living = shop.placed({frock: 2}, coupon="SAVE10"), shop.placed({frock: 1})
    Order.objects.filter(pk=late.pk).update(**long_ago())

    assert cancel_expired_orders() == (1, 0)

    late.refresh_from_db()
    living.refresh_from_db()
    assert (late.status, late.cancel_reason) == ("cancelled", "payment_time_over")
    assert living.status == "pending_payment"
    assert shop.inventory(frock) == (5, 1)
    assert CouponUsage.objects.get(order=late).status == "rolled_back"
    lines = Cart.objects.get(user=late.user_id, status="open").items
    assert list(lines.values_list("variant_id", "quantity")) == [(frock.id, 2)]
    assert cancel_expired_orders() == (0, 0)


def test_a_sweep_goes_beyond_one_batch_and_past_what_fails(shop: Shop, settings: object) -> None:
    settings.JOB_BATCH_SIZE = 2  # type: ignore[attr-defined]
    variants = [shop.variant(stock=5) for _ in range(5)]
    carts = [shop.checked_out({variant: 1}) for variant in variants]
    StockReservation.objects.filter(cart__in=carts).update(**long_ago())
    variants[0].inventory.update(reserved=0)

    assert expire_holds() == (4, 1)
