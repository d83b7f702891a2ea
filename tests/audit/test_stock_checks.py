"""Each check of stock finds the row that breaks it, and no other check does."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db.models import F
from django.utils import timezone

from commerce.core.procedures import call
from commerce.inventory.models import Inventory, StockLedgerEntry, StockReservation
from commerce.orders.models import Order
from tests.audit.conftest import Broken
from tests.audit.corruption import without
from tests.shop.builder import Shop


def test_reservation_without_a_hold_is_found(shop: Shop, broken: Broken) -> None:
    variant = shop.variant("10.00", stock=5)
    stock = Inventory.objects.get(variant=variant)

    Inventory.objects.update(reserved=1)

    assert broken() == [("reserved_equals_holds", "inventory", stock.id)]


def test_hold_without_a_stock_row_is_found(shop: Shop, broken: Broken) -> None:
    cart = shop.checked_out({shop.variant("10.00", stock=5): 2})
    hold = StockReservation.objects.get(cart=cart)
    StockLedgerEntry.objects.all().delete()
    Inventory.objects.all().delete()

    assert broken() == [("reserved_equals_holds", "stock_reservations", hold.id)]


def test_stock_without_a_movement_is_found(shop: Shop, broken: Broken) -> None:
    stock = Inventory.objects.get(variant=shop.variant("10.00", stock=5))

    Inventory.objects.update(on_hand=6)

    assert broken() == [("on_hand_equals_ledger", "inventory", stock.id)]


def test_movement_without_a_stock_row_is_found(shop: Shop, broken: Broken) -> None:
    shop.variant("10.00", stock=5)
    Inventory.objects.all().delete()

    assert broken() == [
        ("on_hand_equals_ledger", "stock_ledger", StockLedgerEntry.objects.get().id)
    ]


def test_oversold_stock_is_found(shop: Shop, broken: Broken) -> None:
    shop.checked_out({shop.variant("10.00", stock=5): 2})
    stock = Inventory.objects.get()

    with without("inventory", "inventory_never_oversold"):
        Inventory.objects.update(reserved=6)
        StockReservation.objects.update(quantity=6)

        assert broken() == [("stock_within_bounds", "inventory", stock.id)]


def test_line_that_sold_what_no_hold_consumed_is_found(order: Order, broken: Broken) -> None:
    item = order.items.order_by("id")[0]

    StockReservation.objects.filter(order_item=item).update(quantity=F("quantity") + 1)

    assert broken() == [("sold_equals_consumed", "order_items", item.id)]


def test_line_restored_beyond_its_sale_is_found(order: Order, broken: Broken) -> None:
    item = order.items.order_by("id")[0]
    back = item.quantity_sold + 1

    with without("order_items", "order_items_stock_whole"):
        order.items.filter(id=item.id).update(quantity_restored=back)
        stock = Inventory.objects.get(variant_id=item.variant_id)
        Inventory.objects.filter(id=stock.id).update(on_hand=F("on_hand") + back)
        StockLedgerEntry.objects.create(
            variant_id=item.variant_id,
            warehouse_id=item.warehouse_id,
            kind="restore",
            delta=back,
            on_hand_after=stock.on_hand + back,
            order_item=item,
        )

        assert broken() == [("restored_within_sold", "order_items", item.id)]


def test_confirmed_order_whose_stock_stays_is_found(
    shop: Shop, broken: Broken, long_ago: datetime
) -> None:
    order = shop.placed({shop.variant("10.00"): 2})
    shop.settle(shop.event(shop.attempt(order)))
    shop.audit()

    Order.objects.update(confirmed_at=long_ago)

    assert broken() == [
        ("holds_end_in_time", "stock_reservations", StockReservation.objects.get().id),
        ("stock_follows_order", "orders", order.id),
    ]


def test_cancelled_order_whose_stock_is_away_is_found(
    shop: Shop, broken: Broken, long_ago: datetime
) -> None:
    order = shop.paid({shop.variant("10.00"): 2})
    call("cancel_order", p_order_id=order.id, p_actor_kind="staff", p_reason="", p_line_max=10)
    call("initiate_refund", p_order_id=order.id)
    shop.audit()

    Order.objects.update(closed_at=long_ago)

    assert broken() == [("stock_follows_order", "orders", order.id)]


def test_unpaid_order_whose_stock_left_is_found(shop: Shop, broken: Broken) -> None:
    order = shop.paid({shop.variant("10.00"): 2})
    order.events.filter(to_status="confirmed").delete()
    order.payments.all().update(disposition="refund_due")

    Order.objects.update(
        status="pending_payment", payment_status="unpaid", expires_at=timezone.now()
    )

    assert broken() == [
        ("stock_follows_order", "orders", order.id),
        ("unpaid_lines_are_held", "order_items", order.items.get().id),
    ]


def test_cart_hold_past_its_time_is_found(shop: Shop, broken: Broken, long_ago: datetime) -> None:
    cart = shop.checked_out({shop.variant("10.00"): 2})
    hold = StockReservation.objects.get(cart=cart)

    StockReservation.objects.update(expires_at=long_ago)

    assert broken() == [("holds_end_in_time", "stock_reservations", hold.id)]


@pytest.mark.parametrize("paid", [False, True])
def test_hold_of_a_cancelled_order_is_found(
    shop: Shop, broken: Broken, long_ago: datetime, *, paid: bool
) -> None:
    order = shop.placed({shop.variant("10.00"): 2})
    if paid:
        shop.settle(shop.event(shop.attempt(order)))
    call("cancel_order", p_order_id=order.id, p_actor_kind="staff", p_reason="", p_line_max=10)
    if paid:
        call("initiate_refund", p_order_id=order.id)
    shop.audit()

    Order.objects.update(closed_at=long_ago)

    hold = StockReservation.objects.get(order=order)
    assert broken() == [("holds_end_in_time", "stock_reservations", hold.id)]
