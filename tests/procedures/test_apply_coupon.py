"""`apply_coupon`: every rule of a coupon under its lock, and one living slot per cart."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from commerce.accounts.models import User
from commerce.cart.models import Cart
from commerce.core.procedures import ProcedureError, Result
from commerce.coupons.models import CouponUsage
from tests.shop.builder import Shop
from tests.shop.locks import assert_locks, at_once
from tests.shop.refusals import refusal

NAME = "apply_coupon"


def buyer(shop: Shop, price: str = "500.00", quantity: int = 1) -> User:
    """A customer with one line in the cart."""
    user = shop.user()
    shop.cart(user, {shop.variant(price, stock=50): quantity})
    return user


def refused(user: User, code: str = "SAVE10") -> tuple[str, int, dict[str, Any]]:
    """How applying the coupon is refused."""
    return refusal(NAME, p_user_id=user.id, p_code=code, p_slot_seconds=1800)


def slots(**of: Any) -> list[tuple[str, str]]:
    """(status, end reason) of the slots, oldest first."""
    return list(
        CouponUsage.objects.filter(**of).order_by("created_at").values_list("status", "end_reason")
    )


def expire(**of: Any) -> None:
    """Let the time of the slots be over."""
    CouponUsage.objects.filter(**of).update(expires_at=timezone.now() - timedelta(seconds=1))


def test_the_coupon_is_on_the_cart_and_has_a_slot(shop: Shop) -> None:
    coupon, user = shop.coupon(), buyer(shop)
    version = Cart.objects.get(user=user).version

    result = shop.apply(user, " save10 ")

    cart = Cart.objects.get(user=user)
    assert (result.cart_id, result.coupon_id) == (cart.id, coupon.id)
    assert (cart.coupon_id, cart.version) == (coupon.id, version + 1)
    slot = CouponUsage.objects.get()
    assert (slot.coupon_id, slot.user_id, slot.cart_id) == (coupon.id, user.id, cart.id)
    assert (slot.status, slot.order_id, slot.created_by_id) == ("reserved", None, user.id)
    assert slot.expires_at is not None
    left = slot.expires_at - timezone.now()
    assert timedelta(seconds=1790) < left <= timedelta(seconds=1800)
    assert shop.quote(cart.id)["coupon_discount"] == Decimal("50.00")


def test_the_same_coupon_again_renews_its_slot(shop: Shop) -> None:
    shop.coupon(total_limit=1, per_user_limit=1)
    user = buyer(shop)
    shop.apply(user, "SAVE10")
    first = CouponUsage.objects.get()
    version = Cart.objects.get(user=user).version
    expire()

    shop.apply(user, "SAVE10")

    slot = CouponUsage.objects.get()
    assert (slot.id, slot.status, slot.version) == (first.id, "reserved", first.version + 1)
    assert slot.expires_at is not None
    assert slot.expires_at - timezone.now() > timedelta(seconds=1790)
    assert Cart.objects.get(user=user).version == version


def test_another_coupon_replaces_the_first_and_frees_its_slot(shop: Shop) -> None:
    first, second = shop.coupon(), shop.coupon("MORE20", value=Decimal(20))
    user = buyer(shop)
    shop.apply(user, "SAVE10")
    version = Cart.objects.get(user=user).version

    shop.apply(user, "MORE20")

    cart = Cart.objects.get(user=user)
    assert (cart.coupon_id, cart.version) == (second.id, version + 1)
    assert slots(coupon=first) == [("rolled_back", "replaced")]
    assert slots(coupon=second) == [("reserved", "")]


def test_a_refused_coupon_leaves_the_one_before_it(shop: Shop) -> None:
    first = shop.coupon()
    shop.coupon("BIG", min_subtotal=Decimal("999.00"))
    user = buyer(shop)
    shop.apply(user, "SAVE10")
    version = Cart.objects.get(user=user).version

    assert refused(user, "BIG")[0] == "coupon_minimum"

    cart = Cart.objects.get(user=user)
    assert (cart.coupon_id, cart.version) == (first.id, version)
    assert slots() == [("reserved", "")]


def test_without_a_cart_there_is_none_to_apply_to(shop: Shop) -> None:
    shop.coupon()

    assert refused(shop.user()) == ("cart_not_found", 404, {})


def test_an_empty_cart_takes_no_coupon(shop: Shop) -> None:
    shop.coupon()
    user = buyer(shop)
    cart = Cart.objects.get(user=user)
    cart.items.update(is_deleted=True)

    assert refused(user) == ("cart_empty", 409, {"cart_id": str(cart.id)})


@pytest.mark.parametrize("fields", [{"status": "draft"}, {"is_deleted": True}])
def test_drafts_and_deleted_coupons_are_unknown(shop: Shop, fields: dict[str, Any]) -> None:
    shop.coupon(**fields)
    user = buyer(shop)

    assert refused(user) == ("coupon_not_found", 404, {"code": "SAVE10"})
    assert refused(user, "NOSUCH") == ("coupon_not_found", 404, {"code": "NOSUCH"})


@pytest.mark.parametrize("status", ["paused", "ended"])
def test_a_paused_or_ended_coupon_is_not_active(shop: Shop, status: str) -> None:
    shop.coupon(status=status)

    assert refused(buyer(shop)) == ("coupon_not_active", 422, {"code": "SAVE10"})


def test_a_coupon_has_not_started_before_its_time(shop: Shop) -> None:
    shop.coupon(starts_at=timezone.now() + timedelta(hours=1))

    code, status, context = refused(buyer(shop))

    assert (code, status, context["code"]) == ("coupon_not_started", 422, "SAVE10")
    assert context["starts_at"]


def test_a_coupon_has_expired_after_its_time(shop: Shop) -> None:
    shop.coupon(ends_at=timezone.now() - timedelta(seconds=1))

    code, status, context = refused(buyer(shop))

    assert (code, status, context["code"]) == ("coupon_expired", 422, "SAVE10")
    assert context["ends_at"]


def test_a_cart_below_the_minimum_is_told_how_much(shop: Shop) -> None:
    shop.coupon(min_subtotal=Decimal("500.01"))

    assert refused(buyer(shop, "250.00", 2)) == (
        "coupon_minimum",
        422,
        {"minimum": "500.01", "subtotal": "500.00"},
    )


def test_a_cart_at_the_minimum_is_enough(shop: Shop) -> None:
    coupon = shop.coupon(min_subtotal=Decimal("500.00"))

    assert shop.apply(buyer(shop, "250.00", 2), "SAVE10").coupon_id == coupon.id


def test_a_coupon_for_other_products_does_not_apply(shop: Shop) -> None:
    shop.coupon(scopes=[shop.product()])
    user = buyer(shop)

    assert refused(user) == ("coupon_not_applicable", 422, {"code": "SAVE10"})
    assert Cart.objects.get(user=user).coupon_id is None


def test_a_coupon_for_a_product_in_the_cart_applies(shop: Shop) -> None:
    product = shop.product()
    coupon = shop.coupon(scopes=[product])
    user = shop.user()
    shop.cart(user, {shop.variant(): 1, shop.variant(product=product): 1})

    assert shop.apply(user, "SAVE10").coupon_id == coupon.id


def test_a_first_order_coupon_is_not_for_who_has_ordered(shop: Shop) -> None:
    coupon = shop.coupon(first_order_only=True)
    user = shop.user()
    order = shop.placed({shop.variant(): 1}, user=user)
    shop.cart(user, {shop.variant(): 1})

    assert refused(user) == ("coupon_first_order_only", 422, {"code": "SAVE10"})

    order.status = "cancelled"
    order.save()
    assert shop.apply(user, "SAVE10").coupon_id == coupon.id


def test_a_used_up_coupon_is_refused(shop: Shop) -> None:
    shop.coupon(total_limit=1)
    shop.apply(buyer(shop), "SAVE10")

    assert refused(buyer(shop)) == ("coupon_limit_reached", 409, {"code": "SAVE10", "limit": 1})
    assert slots() == [("reserved", "")]


def test_a_use_on_an_order_counts_against_both_limits(shop: Shop) -> None:
    coupon = shop.coupon(per_user_limit=1)
    user = shop.user()
    shop.placed({shop.variant(): 1}, user=user, coupon="SAVE10")
    assert slots() == [("bound", "")]
    shop.cart(user, {shop.variant(): 1})

    assert refused(user) == ("coupon_user_limit_reached", 409, {"code": "SAVE10", "limit": 1})
    assert shop.apply(buyer(shop), "SAVE10").coupon_id == coupon.id

    coupon.total_limit = 2
    coupon.save()
    assert refused(buyer(shop))[0] == "coupon_limit_reached"


def test_a_stale_slot_of_somebody_else_is_taken_back(shop: Shop) -> None:
    shop.coupon(total_limit=1)
    sleeper, user = buyer(shop), buyer(shop)
    shop.apply(sleeper, "SAVE10")
    expire()

    shop.apply(user, "SAVE10")

    assert slots(user=sleeper) == [("rolled_back", "expired")]
    assert slots(user=user) == [("reserved", "")]


def test_slots_given_back_do_not_count(shop: Shop) -> None:
    shop.coupon(total_limit=1, per_user_limit=1)
    shop.coupon("OTHER")
    user = buyer(shop)
    for code in ("SAVE10", "OTHER", "SAVE10"):
        shop.apply(user, code)

    assert slots(coupon__code="SAVE10") == [("rolled_back", "replaced"), ("reserved", "")]


def test_the_last_use_goes_to_one_of_many(shop: Shop) -> None:
    shop.coupon(total_limit=2)
    users = [buyer(shop) for _ in range(5)]

    results = at_once(*(lambda user=user: shop.apply(user, "SAVE10") for user in users))

    assert sum(isinstance(one, Result) for one in results) == 2
    assert [one.code for one in results if isinstance(one, ProcedureError)] == [
        "coupon_limit_reached"
    ] * 3
    assert slots() == [("reserved", "")] * 2


def test_carts_that_swap_two_coupons_never_deadlock(shop: Shop) -> None:
    shop.coupon("FIRST")
    shop.coupon("SECOND")
    one, two = buyer(shop), buyer(shop)
    shop.apply(one, "FIRST")
    shop.apply(two, "SECOND")

    results = at_once(lambda: shop.apply(one, "SECOND"), lambda: shop.apply(two, "FIRST"))

    assert [type(result) for result in results] == [Result, Result]
    assert slots(user=one) == slots(user=two) == [("rolled_back", "replaced"), ("reserved", "")]


def test_cart_and_both_coupons_are_locked(shop: Shop) -> None:
    first, second = shop.coupon(), shop.coupon("MORE20")
    user = buyer(shop)
    shop.apply(user, "SAVE10")
    params = {"p_user_id": user.id, "p_code": "MORE20", "p_slot_seconds": 60}

    assert_locks(Cart.objects.get(user=user), NAME, **params)
    assert_locks(first, NAME, **params)
    assert_locks(second, NAME, **params)
