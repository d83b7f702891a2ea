"""`create_order`: one order per key and per cart, under its locks."""

from __future__ import annotations

from decimal import Decimal

import pytest

from commerce.cart.models import Cart
from commerce.core.models import IdempotencyKey
from commerce.core.procedures import Result
from commerce.coupons.models import CouponUsage
from commerce.inventory.models import Inventory, StockReservation
from commerce.orders.models import Order, OrderEvent
from tests.procedures.order_calls import (
    key,
    ordering,
    still_open,
)
from tests.shop.builder import Shop
from tests.shop.locks import assert_locks, at_once
from tests.shop.refusals import refusal

NAME = "create_order"


def test_repeating_a_key_answers_the_first_order(shop: Shop) -> None:
    cart = shop.checked_out({shop.variant(): 1})
    first = shop.create_order(cart, **key(cart.user_id))

    again = shop.create_order(cart, **key(cart.user_id))

    assert dict(again) == dict(first) | {"replayed": True}
    assert (Order.objects.count(), OrderEvent.objects.count()) == (1, 1)
    stored = IdempotencyKey.objects.get()
    assert (stored.procedure, stored.result_id) == (NAME, first.order_id)


def test_repeating_a_key_leaves_a_new_cart_alone(shop: Shop) -> None:
    variant = shop.variant()
    cart = shop.checked_out({variant: 1})
    first = shop.create_order(cart, **key(cart.user_id))
    second_cart = shop.checked_out({variant: 2}, user=cart.user)

    again = shop.create_order(cart, **key(cart.user_id))

    assert (again.order_id, again.replayed) == (first.order_id, True)
    assert Cart.objects.get(id=second_cart.id).status == "open"


def test_key_with_another_request_is_refused(shop: Shop) -> None:
    cart = shop.checked_out({shop.variant(): 1})
    shop.create_order(cart, **key(cart.user_id))

    said = refusal(NAME, **ordering(shop, cart, **key(cart.user_id, "f-2")))

    assert said == ("key_reused", 422, {"procedure": NAME})


def test_refusal_leaves_the_key_free(shop: Shop) -> None:
    cart = shop.checked_out({shop.variant(): 1})
    wrong = ordering(shop, cart, **key(cart.user_id), p_expected_total=Decimal("1.00"))

    assert refusal(NAME, **wrong)[0] == "quote_changed"
    assert shop.create_order(cart, **key(cart.user_id)).replayed is False


@pytest.mark.parametrize("keyed", [True, False])
def test_two_calls_at_once_make_one_order(shop: Shop, keyed: bool) -> None:
    cart = shop.checked_out({shop.variant(): 1})
    same = ordering(shop, cart, **(key(cart.user_id) if keyed else {}))

    answers = at_once(*[lambda: shop.create_order(cart, **same)] * 4)

    made = [one for one in answers if isinstance(one, Result)]
    order = Order.objects.get()
    assert [one.replayed for one in made].count(False) == 1
    assert len(made) == (4 if keyed else 1)
    assert {one.order_id for one in made} == {order.id}
    assert StockReservation.objects.get().order_id == order.id


def test_user_cart_coupon_stock_and_holds_are_locked(shop: Shop) -> None:
    coupon = shop.coupon("SAVE10")
    cart = shop.checked_out({shop.variant(): 1}, coupon="SAVE10")
    # Refused at last, so that no write but the locks alone can make it wait
    same = ordering(shop, cart, p_expected_total=Decimal("1.00"))
    assert cart.user is not None

    for row in (
        cart.user,
        cart,
        coupon,
        CouponUsage.objects.get(),
        Inventory.objects.get(),
        StockReservation.objects.get(),
    ):
        assert_locks(row, NAME, **same)
    assert still_open(cart)
