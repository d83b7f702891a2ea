"""`validate_coupon_usage_limit`: at checkout the cart's coupon keeps, retakes or loses its slot."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from commerce.accounts.models import User
from commerce.cart.models import Cart
from commerce.core.procedures import ProcedureError, Result, call
from commerce.coupons.models import CouponUsage
from tests.shop.builder import Shop
from tests.shop.locks import assert_locks, at_once
from tests.shop.refusals import refusal

NAME = "validate_coupon_usage_limit"


def buyer(shop: Shop, *codes: str) -> User:
    """A customer with one line and perhaps a coupon in the cart."""
    user = shop.user()
    shop.cart(user, {shop.variant(): 1})
    for code in codes:
        shop.apply(user, code)
    return user


def recount(user: User) -> Result:
    """One recount for the user's cart."""
    return call(NAME, p_user_id=user.id, p_slot_seconds=900)


def refused(user: User) -> tuple[str, int, dict[str, Any]]:
    """How the recount refuses."""
    return refusal(NAME, p_user_id=user.id, p_slot_seconds=900)


def expire(user: User) -> None:
    """Let the time of the user's slots be over."""
    CouponUsage.objects.filter(user=user).update(expires_at=timezone.now() - timedelta(seconds=1))


def slots(user: User) -> list[tuple[str, str]]:
    """(status, end reason) of the user's slots, oldest first."""
    found = CouponUsage.objects.filter(user=user).order_by("created_at")
    return list(found.values_list("status", "end_reason"))


def test_a_cart_without_coupon_needs_no_slot(shop: Shop) -> None:
    user = buyer(shop)

    result = recount(user)

    assert (result.cart_id, result.coupon_id) == (Cart.objects.get(user=user).id, None)
    assert slots(user) == []


def test_the_slot_is_renewed_and_the_cart_stays_as_it_is(shop: Shop) -> None:
    coupon = shop.coupon(total_limit=1, per_user_limit=1)
    user = buyer(shop, "SAVE10")
    cart, slot = Cart.objects.get(user=user), CouponUsage.objects.get()
    expire(user)

    result = recount(user)

    assert (result.cart_id, result.coupon_id) == (cart.id, coupon.id)
    renewed = CouponUsage.objects.get()
    assert (renewed.id, renewed.status, renewed.version) == (slot.id, "reserved", slot.version + 1)
    assert renewed.expires_at is not None
    left = renewed.expires_at - timezone.now()
    assert timedelta(seconds=890) < left <= timedelta(seconds=900)
    assert Cart.objects.get(user=user).version == cart.version


def test_a_second_recount_keeps_the_one_slot(shop: Shop) -> None:
    shop.coupon(total_limit=1)
    user = buyer(shop, "SAVE10")

    assert recount(user) == recount(user)

    assert slots(user) == [("reserved", "")]


def test_a_slot_that_was_taken_back_is_taken_anew_while_there_is_room(shop: Shop) -> None:
    shop.coupon(total_limit=1)
    user = buyer(shop, "SAVE10")
    CouponUsage.objects.update(status="rolled_back", end_reason="expired")

    recount(user)

    assert slots(user) == [("rolled_back", "expired"), ("reserved", "")]
    taken = CouponUsage.objects.get(status="reserved")
    assert (taken.cart, taken.created_by) == (Cart.objects.get(user=user), user)


def test_a_lost_slot_is_refused_when_the_coupon_is_used_up(shop: Shop) -> None:
    shop.coupon(total_limit=1)
    sleeper = buyer(shop, "SAVE10")
    expire(sleeper)
    buyer(shop, "SAVE10")

    assert refused(sleeper) == ("coupon_limit_reached", 409, {"code": "SAVE10", "limit": 1})
    assert slots(sleeper) == [("rolled_back", "expired")]


def test_a_lowered_limit_per_user_is_refused(shop: Shop) -> None:
    coupon = shop.coupon()
    user = shop.user()
    shop.placed({shop.variant(): 1}, user=user, coupon="SAVE10")
    shop.cart(user, {shop.variant(): 1})
    shop.apply(user, "SAVE10")
    coupon.per_user_limit = 1
    coupon.save()

    assert refused(user) == ("coupon_user_limit_reached", 409, {"code": "SAVE10", "limit": 1})


def test_stale_slots_of_others_are_taken_back(shop: Shop) -> None:
    coupon = shop.coupon()
    sleeper, user = buyer(shop, "SAVE10"), buyer(shop, "SAVE10")
    expire(sleeper)
    coupon.total_limit = 1
    coupon.save()

    recount(user)

    assert slots(sleeper) == [("rolled_back", "expired")]
    assert slots(user) == [("reserved", "")]


def test_without_a_cart_there_is_nothing_to_count(shop: Shop) -> None:
    assert refused(shop.user()) == ("cart_not_found", 404, {})


def test_one_use_left_goes_to_one_of_two_lost_slots(shop: Shop) -> None:
    coupon = shop.coupon()
    users = [buyer(shop, "SAVE10") for _ in range(3)]
    CouponUsage.objects.update(status="rolled_back")
    coupon.total_limit = 1
    coupon.save()

    results = at_once(*(lambda user=user: recount(user) for user in users))

    assert sum(isinstance(one, Result) for one in results) == 1
    assert [one.code for one in results if isinstance(one, ProcedureError)] == [
        "coupon_limit_reached"
    ] * 2
    assert CouponUsage.objects.filter(status="reserved").count() == 1


def test_cart_and_coupon_are_locked(shop: Shop) -> None:
    coupon = shop.coupon()
    user = buyer(shop, "SAVE10")
    params = {"p_user_id": user.id, "p_slot_seconds": 900}

    assert_locks(Cart.objects.get(user=user), NAME, **params)
    assert_locks(coupon, NAME, **params)
