"""`rollback_coupon`: a slot is given back once, and then another buyer may have it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from commerce.accounts.models import User
from commerce.cart.models import Cart
from commerce.core.models import SagaStep
from commerce.core.procedures import Result, call
from commerce.coupons.models import CouponUsage
from commerce.orders.models import Order
from tests.shop.builder import Shop
from tests.shop.locks import assert_locks, at_once
from tests.shop.refusals import refusal

NAME = "rollback_coupon"


def buyer(shop: Shop) -> User:
    """A customer with SAVE10 on the cart."""
    user = shop.user()
    shop.cart(user, {shop.variant(): 1})
    shop.apply(user, "SAVE10")
    return user


def rollback(**of: Any) -> int:
    """The number of slots that one call gives back, for the reason `test`."""
    return int(call(NAME, **({"p_reason": "test"} | of)).rolled_back)


def cancelled(shop: Shop) -> Order:
    """A cancelled order that had used SAVE10."""
    order = shop.placed({shop.variant(): 1}, coupon="SAVE10")
    call("cancel_order", p_order_id=order.id, p_actor_kind="customer", p_reason="wish")
    return order


def slots() -> list[tuple[str, str]]:
    """(status, end reason) of all slots, oldest first."""
    return list(CouponUsage.objects.order_by("created_at").values_list("status", "end_reason"))


def test_the_coupon_leaves_the_cart_and_its_slot_is_free(shop: Shop) -> None:
    shop.coupon(total_limit=1)
    user = buyer(shop)
    version = Cart.objects.get(user=user).version

    assert rollback(p_user_id=user.id) == 1

    cart = Cart.objects.get(user=user)
    assert (cart.coupon_id, cart.version) == (None, version + 1)
    assert slots() == [("rolled_back", "test")]
    assert CouponUsage.objects.get().ended_at is not None
    buyer(shop)
    assert slots() == [("rolled_back", "test"), ("reserved", "")]


def test_a_coupon_whose_slot_was_taken_back_leaves_the_cart_too(shop: Shop) -> None:
    shop.coupon()
    user = buyer(shop)
    CouponUsage.objects.update(status="rolled_back", end_reason="expired")

    assert rollback(p_user_id=user.id) == 0

    assert Cart.objects.get(user=user).coupon_id is None
    assert slots() == [("rolled_back", "expired")]


def test_a_second_call_changes_nothing(shop: Shop) -> None:
    shop.coupon()
    user = buyer(shop)
    rollback(p_user_id=user.id)
    version = Cart.objects.get(user=user).version

    assert rollback(p_user_id=user.id, p_reason="again") == 0

    assert Cart.objects.get(user=user).version == version
    assert slots() == [("rolled_back", "test")]


def test_without_a_cart_there_is_nothing_to_give_back(shop: Shop) -> None:
    assert rollback(p_user_id=shop.user().id) == 0


def test_a_cancelled_order_gives_its_slot_back(shop: Shop) -> None:
    shop.coupon()
    order = cancelled(shop)
    step = SagaStep.objects.get(step=NAME, subject_id=order.id)
    assert (step.status, slots()) == ("pending", [("bound", "")])

    assert rollback(p_order_id=order.id) == 1

    assert slots() == [("rolled_back", "test")]
    step.refresh_from_db()
    assert step.status == "done"
    assert step.finished_at is not None
    assert rollback(p_order_id=order.id, p_reason="again") == 0
    assert slots() == [("rolled_back", "test")]


@pytest.mark.parametrize("status", ["cancelled", "returned_to_origin"])
def test_a_redeemed_slot_is_given_back_as_well(shop: Shop, status: str) -> None:
    shop.coupon()
    order = shop.paid({shop.variant(): 1}, coupon="SAVE10")
    assert slots() == [("redeemed", "")]
    Order.objects.filter(id=order.id).update(status=status)

    assert rollback(p_order_id=order.id) == 1

    assert slots() == [("rolled_back", "test")]


def test_a_living_order_keeps_its_slot(shop: Shop) -> None:
    shop.coupon()
    order = shop.placed({shop.variant(): 1}, coupon="SAVE10")

    assert refusal(NAME, p_order_id=order.id) == (
        "order_not_cancelled",
        409,
        {"status": "pending_payment"},
    )
    assert slots() == [("bound", "")]


def test_an_unknown_order_is_not_found(shop: Shop) -> None:
    nowhere = shop.user().id

    assert refusal(NAME, p_order_id=nowhere) == ("order_not_found", 404, {"order_id": str(nowhere)})


def test_an_expired_slot_ends_and_the_cart_keeps_its_coupon(shop: Shop) -> None:
    coupon = shop.coupon()
    user = buyer(shop)
    slot = CouponUsage.objects.get()
    version = Cart.objects.get(user=user).version
    assert rollback(p_usage_id=slot.id, p_only_expired=True) == 0
    assert slots() == [("reserved", "")]

    CouponUsage.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert rollback(p_usage_id=slot.id, p_only_expired=True) == 1

    assert slots() == [("rolled_back", "test")]
    cart = Cart.objects.get(user=user)
    assert (cart.coupon_id, cart.version) == (coupon.id, version)


def test_a_slot_on_an_order_does_not_expire(shop: Shop) -> None:
    shop.coupon()
    shop.placed({shop.variant(): 1}, coupon="SAVE10")
    CouponUsage.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert rollback(p_usage_id=CouponUsage.objects.get().id, p_only_expired=True) == 0

    assert slots() == [("bound", "")]


def test_a_slot_is_given_back_once_by_many_calls(shop: Shop) -> None:
    shop.coupon()
    order = cancelled(shop)

    results = at_once(*[lambda: call(NAME, p_order_id=order.id)] * 3)

    assert sorted(one.rolled_back for one in results if isinstance(one, Result)) == [0, 0, 1]


def test_cart_order_and_coupon_are_locked(shop: Shop) -> None:
    coupon = shop.coupon()
    user = buyer(shop)
    slot = CouponUsage.objects.get()

    assert_locks(Cart.objects.get(user=user), NAME, p_user_id=user.id)
    assert_locks(coupon, NAME, p_user_id=user.id)
    assert_locks(coupon, NAME, p_usage_id=slot.id)

    order = cancelled(shop)
    assert_locks(order, NAME, p_order_id=order.id)
    assert_locks(coupon, NAME, p_order_id=order.id)
