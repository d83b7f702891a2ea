"""A shop made up in bulk: its books add up like those of one that procedures wrote."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from commerce.accounts.models import Address, User
from commerce.audit.invariants import violations
from commerce.cart.models import CartItem
from commerce.cart.workflows import check_out
from commerce.catalog.models import Product
from commerce.core.models import OutboxMessage, SagaStep
from commerce.core.procedures import call
from commerce.inventory.models import StockReservation
from commerce.orders import workflows
from commerce.orders.models import Order, OrderItem
from commerce.seed.pricing import quoted_total
from tests.seed.conftest import pictures_named, rows

# What the shop's own arithmetic says about the lines of its orders
PRICED_OTHERWISE = """
SELECT COUNT(*) FROM order_items i
LEFT JOIN line_shares s ON s.kind = 'order' AND s.line_id = i.id
WHERE (i.coupon_share, i.line_total, i.cgst + i.sgst + i.igst)
      IS DISTINCT FROM (s.coupon_share, s.line_total, s.tax)
"""
SHARE_OF_FEW = """
SELECT SUM(units) FILTER (WHERE place <= 0.2) / SUM(units)
FROM (
    SELECT percent_rank() OVER (ORDER BY p.popularity DESC) AS place, SUM(i.quantity) AS units
    FROM products p
    LEFT JOIN variants v ON v.product_id = p.id
    LEFT JOIN order_items i ON i.variant_id = v.id
    GROUP BY p.id
) s
"""


def test_no_invariant_is_broken(large: None) -> None:
    assert violations(timedelta(0)) == []


def test_the_numbers_asked_for_are_met(large: None) -> None:
    assert Product.objects.count() == 300
    assert Order.objects.count() == 1000
    assert User.objects.count() == 200


def test_orders_are_in_every_state_that_lasts(large: None) -> None:
    assert set(Order.objects.values_list("status", flat=True)) == {
        "pending_payment",
        "confirmed",
        "packed",
        "shipped",
        "out_for_delivery",
        "delivered",
        "returned",
        "cancelled",
        "returned_to_origin",
    }
    assert set(Order.objects.values_list("payment_status", flat=True)) == {
        "unpaid",
        "cod_due",
        "paid",
        "partially_refunded",
        "refunded",
    }


def test_lines_are_priced_as_the_shop_prices_them(large: None) -> None:
    assert rows(PRICED_OTHERWISE) == [(0,)]
    assert OrderItem.objects.filter(coupon_share__gt=0).exists()


def test_a_few_buy_much_and_a_few_products_sell_most(large: None) -> None:
    by_customer = rows("SELECT COUNT(*) FROM orders GROUP BY user_id ORDER BY 1 DESC")

    assert by_customer[0][0] >= 8 * (1000 // 200)
    assert by_customer[-1][0] <= 2
    assert rows(SHARE_OF_FEW)[0][0] > 0.5


def test_nothing_is_left_to_be_done_or_told_in_bulk(large: None) -> None:
    assert set(OutboxMessage.objects.values_list("status", flat=True)) == {"delivered"}
    assert set(SagaStep.objects.values_list("status", flat=True)) == {"done"}


def test_goods_are_held_for_carts_and_for_unpaid_orders(large: None) -> None:
    active = StockReservation.objects.filter(status="active")

    assert active.filter(order=None).exists()
    assert active.exclude(order=None).exists()


def test_every_picture_of_a_large_shop_is_drawn(large: None, drawn: Path) -> None:
    assert {name for name in pictures_named() if not (drawn / name).is_file()} == set()


def test_a_customer_can_go_on_buying(large: None) -> None:
    held = StockReservation.objects.filter(status="active", order=None).values("cart__user_id")
    home = Address.objects.exclude(user_id__in=held).order_by("id")[0]
    in_cart = CartItem.objects.filter(cart__user_id=home.user_id, cart__status="open")
    in_cart.update(is_deleted=True)
    line = OrderItem.objects.filter(variant__inventory__on_hand__gte=5).order_by("id")[0]
    limits = {"p_line_max": 10, "p_lines_max": 50}

    call(
        "add_to_cart",
        p_user_id=home.user_id,
        p_variant_id=line.variant_id,
        p_quantity=1,
        **limits,
    )
    cart = check_out(home.user_id, home.id, "online")
    made = workflows.place(
        home.user_id,
        address_id=home.id,
        payment_method="online",
        expected_total=quoted_total(cart.cart_id),
        key={},
    )

    assert made.number.endswith("-001001")
    assert violations(timedelta(0)) == []
