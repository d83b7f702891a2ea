"""Payment, expiry, late captures and refunds at the same moment: money and stock agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.models import Count, Sum
from django.utils import timezone

from commerce.core.procedures import Result, call
from commerce.orders import workflows as orders
from commerce.orders.models import Order, OrderItem
from commerce.payments import workflows as payments
from commerce.payments.models import Payment, PaymentEvent, Refund
from commerce.payments.tasks import settle_waiting_events, submit_refunds
from tests.concurrency.mutants import mutants, unlocked, without
from tests.concurrency.racing import crowd, outcomes, pile_up, shown
from tests.concurrency.sizes import size
from tests.crash.aftermath import audit_without_grace, let_jobs_finish, make_due
from tests.shop.builder import Shop

ORDERS = size(60, 200)
LINES = 3
PAID = ("confirmed", "paid", "kept", "settled", (4, 0))
LATE = ("cancelled", "unpaid", "refund_due", "late", (5, 0))
UNGUARDED = (unlocked("order"), unlocked("payments"))


def unpaid(shop: Shop, stock: int = 5) -> tuple[Order, Result]:
    """An order whose time to pay is over, and the event of the payment that was made for it."""
    order = shop.placed({shop.variant(stock=stock): 1})
    event = shop.event(shop.attempt(order))
    Order.objects.filter(id=order.id).update(expires_at=timezone.now() - timedelta(seconds=1))
    return order, event


def expire(order: Order) -> Result:
    """What the job does with an order that was not paid in time."""
    return orders.cancel(
        order_id=order.id, actor_kind="system", reason="payment_time_over", if_expired=True
    )


def end_of(shop: Shop, order: Order) -> tuple[Any, ...]:
    """How an order and its payment ended, with the stock of its line."""
    order.refresh_from_db()
    payment = Payment.objects.get(order=order)
    return (
        order.status,
        order.payment_status,
        payment.disposition,
        PaymentEvent.objects.get(payment=payment, kind="payment.captured").outcome,
        shop.inventory(order.items.get().variant),
    )


def test_payment_and_expiry_end_in_one_of_two_ways(shop: Shop) -> None:
    raced = [unpaid(shop) for _ in range(ORDERS)]
    pairs: list[Callable[[], Any]] = []
    for n, (order, event) in enumerate(raced):
        both = [partial(payments.settle, event.event_id), partial(expire, order)]
        pairs += both if n % 2 else both[::-1]

    results = crowd(pairs, threads=2)
    let_jobs_finish()

    assert outcomes(results) == {"ok": 2 * ORDERS}
    ends = Counter(end_of(shop, order) for order, _ in raced)
    assert ends.keys() <= {PAID, LATE}
    assert Refund.objects.filter(status="succeeded").count() == ends[LATE]
    assert audit_without_grace() == []


def expiry_during_settlement(shop: Shop) -> tuple[Any, ...]:
    """How an order ends that expires when its payment is about to be settled."""
    order, event = unpaid(shop)
    busy = PaymentEvent.objects.get(id=event.event_id)
    pile_up(busy, partial(payments.settle, event.event_id), partial(expire, order))
    let_jobs_finish()
    return end_of(shop, order)


def test_an_order_that_is_being_paid_does_not_expire(shop: Shop) -> None:
    assert expiry_during_settlement(shop) in {PAID, LATE}
    assert audit_without_grace() == []


def test_without_the_lock_a_cancelled_order_is_confirmed_without_its_stock(shop: Shop) -> None:
    with mutants(verify_payment=UNGUARDED):
        end = expiry_during_settlement(shop)

    assert end == ("confirmed", "paid", "kept", "settled", (5, 0))
    assert audit_without_grace() != []


def test_a_late_capture_is_refunded_once_by_many_workers(shop: Shop) -> None:
    order, _ = unpaid(shop)
    expire(order)
    make_due()
    work: list[Callable[[], Any]] = [settle_waiting_events, submit_refunds]

    crowd(work * 6, threads=6)
    make_due()
    crowd(work * 6, threads=6)
    let_jobs_finish()

    assert end_of(shop, order) == LATE
    assert [(one.amount, one.status) for one in Refund.objects.all()] == [
        (order.total, "succeeded")
    ]
    assert audit_without_grace() == []


def late_capture(shop: Shop) -> tuple[Order, Payment]:
    """A captured payment that is to be given back, since its order was cancelled before."""
    order, event = unpaid(shop)
    expire(order)
    shop.settle(event)
    return order, Payment.objects.get()


def four_refund_a_late_capture(shop: Shop) -> Decimal:
    """What four workers give back of one capture that each of them found due."""
    order, payment = late_capture(shop)
    refund = partial(payments.refund, payment_id=payment.id, reason="payment_late")
    pile_up(order, *[refund] * 4)
    total: Decimal = order.total
    return given_back() / total


def given_back() -> Decimal:
    """The sum of all refunds that were not refused."""
    living = Refund.objects.exclude(status="failed")
    return Decimal(living.aggregate(Sum("amount"))["amount__sum"] or 0)


def test_four_workers_refund_a_capture_once(shop: Shop) -> None:
    assert four_refund_a_late_capture(shop) == 1


def test_without_locks_four_workers_refund_a_capture_four_times(shop: Shop) -> None:
    with mutants(initiate_refund=(*UNGUARDED, unlocked("refunds"))):
        assert four_refund_a_late_capture(shop) == 4


def two_attempts_paid(shop: Shop) -> list[Any]:
    """How the events of two paid attempts are settled that both found the order unpaid."""
    order = shop.placed({shop.variant(): 1})
    first = shop.attempt(order)
    shop.settle(shop.event(first, "payment.failed"))
    events = [shop.event(one) for one in (first, shop.attempt(order))]
    return pile_up(order, *[partial(shop.settle, event) for event in events])


def test_of_two_attempts_paid_at_once_one_is_kept(shop: Shop) -> None:
    results = two_attempts_paid(shop)

    assert sorted(one.outcome for one in results) == ["late", "settled"]
    assert set(Payment.objects.values_list("disposition", flat=True)) == {"kept", "refund_due"}


def test_without_locks_the_constraint_keeps_one_of_two_attempts(shop: Shop) -> None:
    def breaks_off() -> bool:
        return [type(one) for one in two_attempts_paid(shop)].count(IntegrityError) == 1

    with mutants(verify_payment=UNGUARDED):
        assert shown(breaks_off)

    kept = Payment.objects.filter(disposition="kept").values("order").annotate(number=Count("id"))
    assert {one["number"] for one in kept} == {1}


def test_without_locks_and_constraint_two_attempts_are_kept(shop: Shop) -> None:
    def both_kept() -> bool:
        before = Payment.objects.filter(disposition="kept").count()
        results = two_attempts_paid(shop)
        kept = Payment.objects.filter(disposition="kept").count() - before
        return (outcomes(results), kept) == ({"ok": 2}, 2)

    with mutants(verify_payment=UNGUARDED), without("payments", "payments_one_kept"):
        assert shown(both_kept)


def ten_refunds(shop: Shop) -> tuple[Order, list[Any]]:
    """What becomes of ten refunds of all kinds that all find nothing refunded yet."""
    order = shop.delivered({shop.variant(f"{n}00.00"): 2 for n in range(1, LINES + 1)})
    items = list(OrderItem.objects.filter(order=order).order_by("unit_price"))
    wanted: list[dict[str, Any]] = [{}, {}]
    wanted += [
        {"p_items": [{"order_item_id": str(one.id), "quantity": 1}]} for one in items for _ in "ab"
    ]
    wanted += [{"p_amount": Decimal("500.00")}, {"p_amount": Decimal("0.01")}]

    results = pile_up(order, *[partial(refund, order, shop.key(), one) for one in wanted])

    return order, results


def refund(order: Order, key: str, wanted: dict[str, Any]) -> Result:
    """One refund asked for by the order desk."""
    return call(
        "initiate_refund",
        p_order_id=order.id,
        p_reason="goodwill",
        p_owner=order.user_id,
        p_key=key,
        p_fingerprint="x",
        **wanted,
    )


REFUSALS = {"refund_exceeds_capture", "refund_quantity_exceeded"}


@pytest.mark.parametrize("_trial", range(size(3, 30)))
def test_ten_refunds_at_once_never_exceed_the_capture(shop: Shop, _trial: int) -> None:
    order, results = ten_refunds(shop)

    said = outcomes(results)
    assert said.total() == 10
    assert said.keys() <= {"ok"} | REFUSALS
    assert given_back() == order.total, "one of the two whole refunds took what was left"
    let_jobs_finish()
    assert audit_without_grace() == []


def test_without_locks_ten_refunds_exceed_the_capture(shop: Shop) -> None:
    with mutants(initiate_refund=(*UNGUARDED, unlocked("refunds"))):
        order, results = ten_refunds(shop)

    assert outcomes(results) == {"ok": 10}
    assert given_back() == 3 * order.total + Decimal("500.01")
