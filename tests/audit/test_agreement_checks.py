"""Each check that holds one record of an order against another finds where they part."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from commerce.core.procedures import call
from commerce.coupons.models import CouponUsage
from commerce.inventory.models import Inventory, StockLedgerEntry, StockReservation
from commerce.orders.models import Order
from commerce.payments.models import Payment, PaymentEvent, Refund
from tests.audit.conftest import Broken
from tests.shop.builder import Shop

UNCAPTURED = {"status": "failed", "disposition": None, "captured_amount": None}


@pytest.fixture
def pending(shop: Shop) -> Order:
    """An order of two units with a coupon that awaits its payment; the books are right."""
    shop.coupon("SAVE10")
    made = shop.placed({shop.variant("499.00"): 2}, coupon="SAVE10")
    shop.audit()
    return made


def cancel(order: Order) -> None:
    """The order is cancelled; what that leaves to be undone still waits."""
    call("cancel_order", p_order_id=order.id, p_actor_kind="staff", p_reason="", p_line_max=10)


@pytest.mark.parametrize(
    "change", [UNCAPTURED, {"captured_amount": F("captured_amount") + 1}, {"currency": "USD"}]
)
def test_settled_capture_that_is_not_booked_so_is_found(
    shop: Shop, order: Order, broken: Broken, change: dict[str, Any]
) -> None:
    late = shop.event(Payment.objects.get(order=order), p_provider_payment_id="pay_other")
    assert shop.settle(late).outcome == "late"
    shop.audit()

    Payment.objects.filter(disposition="refund_due").update(**change)

    assert broken() == [("captures_are_booked", "payment_events", late.event_id)]


def test_delivered_order_whose_capture_is_gone_is_found(order: Order, broken: Broken) -> None:
    PaymentEvent.objects.all().delete()
    Payment.objects.update(**UNCAPTURED)

    Order.objects.update(payment_status="unpaid")

    assert broken() == [("orders_are_paid", "orders", order.id)]


def test_cash_that_is_due_behind_the_door_is_found(shop: Shop, broken: Broken) -> None:
    order = shop.delivered({shop.variant("10.00"): 1}, method="cod")
    Payment.objects.update(**UNCAPTURED)

    Order.objects.update(payment_status="cod_due")

    assert broken() == [("orders_are_paid", "orders", order.id)]


@pytest.mark.parametrize("ended", [False, True])
def test_cash_that_is_told_otherwise_than_its_order_is_found(
    shop: Shop, broken: Broken, *, ended: bool
) -> None:
    order = shop.placed({shop.variant("10.00"): 1}, method="cod")
    if ended:
        cancel(order)
    shop.audit()

    Order.objects.update(payment_status="cod_due" if ended else "unpaid")

    assert broken() == [("orders_are_paid", "orders", order.id)]


@pytest.mark.parametrize(
    "change", [{"captured_amount": F("captured_amount") + 1}, {"currency": "USD"}]
)
def test_kept_capture_that_is_not_the_total_is_found(
    shop: Shop, broken: Broken, change: dict[str, Any]
) -> None:
    order = shop.delivered({shop.variant("10.00"): 1}, method="cod")
    shop.audit()

    Payment.objects.update(**change)

    assert broken() == [("payment_status_follows_money", "orders", order.id)]


@pytest.mark.parametrize("place", ["variant", "warehouse"])
@pytest.mark.parametrize("record", [StockReservation, StockLedgerEntry])
def test_sale_booked_elsewhere_than_its_line_is_found(
    shop: Shop, order: Order, broken: Broken, record: type[Any], place: str
) -> None:
    item = order.items.order_by("id")[0]
    if place == "variant":
        other: Any = shop.variant("10.00", stock=5)
    else:
        other = shop.warehouse("DEL", state="Delhi")
    on_shelf = Inventory.objects.filter(variant=item.variant, warehouse=item.warehouse)
    if record is StockLedgerEntry:  # the shelves follow, so that only the line can tell
        moved = {"variant": item.variant, "warehouse": item.warehouse, place: other}
        shelf = Inventory.objects.get_or_create(**moved, defaults={"on_hand": 0})[0]
        shop.stock(moved["variant"], 5, moved["warehouse"])
        Inventory.objects.filter(id=shelf.id).update(on_hand=F("on_hand") - item.quantity)
        on_shelf.update(on_hand=F("on_hand") + item.quantity)
    sale = {"kind": "sale"} if record is StockLedgerEntry else {"status": "consumed"}

    record.objects.filter(order_item=item, **sale).update(**{place: other})

    assert broken() == [("sold_equals_consumed", "order_items", item.id)]


def test_sale_that_the_ledger_calls_otherwise_is_found(order: Order, broken: Broken) -> None:
    item = order.items.order_by("id")[0]

    StockLedgerEntry.objects.filter(order_item=item).update(kind="write_off")

    assert broken() == [("sold_equals_consumed", "order_items", item.id)]


def test_line_that_took_back_what_no_entry_tells_is_found(order: Order, broken: Broken) -> None:
    item = order.items.order_by("-quantity")[0]
    order.holds.filter(order_item=item).update(quantity=F("quantity") - 1)

    order.items.filter(id=item.id).update(quantity_restored=1)

    assert broken() == [("sold_equals_consumed", "order_items", item.id)]


@pytest.mark.parametrize(
    ("held", "reserved"), [({"status": "released"}, 0), ({"quantity": 1}, 1), ({"quantity": 3}, 3)]
)
def test_unpaid_line_without_its_whole_hold_is_found(
    pending: Order, broken: Broken, held: dict[str, Any], reserved: int
) -> None:
    pending.holds.update(**held)

    Inventory.objects.update(reserved=reserved)

    assert broken() == [("unpaid_lines_are_held", "order_items", pending.items.get().id)]


@pytest.mark.parametrize("change", ["rolled_back", "bound", "user", "coupon"])
def test_delivered_order_without_its_own_use_of_its_coupon_is_found(
    shop: Shop, order: Order, broken: Broken, change: str
) -> None:
    made: dict[str, Any] = {"user": shop.user(), "coupon": shop.coupon("OTHER")}

    CouponUsage.objects.update(**{change: made[change]} if change in made else {"status": change})

    assert broken() == [("coupons_are_used", "orders", order.id)]


def test_use_of_a_coupon_that_the_order_does_not_have_is_found(
    shop: Shop, order: Order, broken: Broken
) -> None:
    other = shop.delivered({shop.variant("10.00"): 1})

    CouponUsage.objects.update(order=other)

    assert set(broken()) == {("coupons_are_used", "orders", one.id) for one in (order, other)}


@pytest.mark.parametrize("status", ["redeemed", "rolled_back"])
def test_unpaid_order_whose_coupon_is_not_bound_is_found(
    pending: Order, broken: Broken, status: str
) -> None:
    CouponUsage.objects.update(status=status)

    assert broken() == [("coupons_are_used", "orders", pending.id)]


@pytest.mark.parametrize("step", ["frozen_at", "confirmed_at", "shipped_at", "delivered_at"])
def test_delivered_order_without_the_time_of_a_step_is_found(
    order: Order, broken: Broken, step: str
) -> None:
    Order.objects.update(**{step: None})

    assert broken() == [("steps_have_their_time", "orders", order.id)]


def test_order_that_was_never_frozen_is_found(pending: Order, broken: Broken) -> None:
    Order.objects.update(frozen_at=None)

    assert broken() == [("steps_have_their_time", "orders", pending.id)]


def test_missing_time_hides_nothing_that_should_have_ended(
    pending: Order, broken: Broken, long_ago: datetime
) -> None:
    cancel(pending)

    Order.objects.update(closed_at=None, updated_at=long_ago)

    assert [one[0] for one in broken()] == [
        "coupon_slots_end_with_orders",
        "holds_end_in_time",
        "steps_have_their_time",
    ]


@pytest.mark.parametrize("ends", [None, timedelta(minutes=6)])
def test_unpaid_order_that_never_ends_is_found(
    pending: Order, broken: Broken, ends: timedelta | None
) -> None:
    Order.objects.update(expires_at=ends and timezone.now() - timedelta(minutes=4))
    assert (broken() == []) is (ends is not None)

    Order.objects.update(expires_at=ends and timezone.now() - ends)

    assert broken() == [("unpaid_orders_end", "orders", pending.id)]


def test_hold_of_a_delivered_order_is_found(
    order: Order, broken: Broken, long_ago: datetime
) -> None:
    held = order.holds.order_by("id")[0]
    Order.objects.update(confirmed_at=long_ago)
    rest = StockReservation.objects.create(
        variant=held.variant,
        warehouse=held.warehouse,
        cart=held.cart,
        order=order,
        order_item=held.order_item,
        quantity=1,
        cart_version=held.cart_version,
        first_held_at=held.first_held_at,
        expires_at=held.expires_at,
    )

    Inventory.objects.filter(variant=held.variant).update(reserved=1)

    assert broken() == [("holds_end_in_time", "stock_reservations", rest.id)]


@pytest.mark.parametrize("change", ["closed", "promised"])
def test_hold_of_a_cart_that_cannot_end_in_time_is_found(
    shop: Shop, broken: Broken, change: str
) -> None:
    cart = shop.checked_out({shop.variant("10.00"): 1})
    hold = cart.holds.get()
    if change == "closed":
        cart.status = "abandoned"
        cart.save()
    else:
        cart.holds.update(expires_at=timezone.now() + timedelta(hours=49))

    assert broken() == [("holds_end_in_time", "stock_reservations", hold.id)]


@pytest.mark.parametrize("change", ["order", "event", "amount"])
def test_refund_without_a_ground_is_found(
    shop: Shop, order: Order, broken: Broken, change: str
) -> None:
    other = shop.placed({shop.variant("10.00"): 1})
    asked = call("initiate_refund", p_order_id=order.id, p_amount=Decimal("1.00"))
    refund = Refund.objects.get(id=asked.refund_id)
    event = {"p_refund_id": refund.id, "p_amount": refund.amount, "p_provider_refund_id": "rf_1"}
    shop.settle(shop.event(refund.payment, "refund.processed", **event))
    shop.audit()

    if change == "order":
        Refund.objects.update(order=other)
    elif change == "event":
        PaymentEvent.objects.filter(refund=refund).delete()
    else:
        Refund.objects.update(amount=Decimal("2.00"))

    assert broken() == [("refunds_have_a_ground", "refunds", refund.id)]
