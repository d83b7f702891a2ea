"""`validate_cart_before_checkout`: a coupon that no longer holds is taken off the cart."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from commerce.accounts.models import User
from commerce.cart.models import Cart
from commerce.catalog.models import Variant
from commerce.core.procedures import Result, call
from commerce.coupons.models import Coupon
from tests.shop.builder import Shop
from tests.shop.checking import checking, with_coupon
from tests.shop.locks import at_once
from tests.shop.refusals import refusal

NAME = "validate_cart_before_checkout"


@pytest.fixture
def user(shop: Shop) -> User:
    """The customer whose cart is validated."""
    return shop.user()


@pytest.fixture
def variant(shop: Shop) -> Variant:
    """A variant at 499.00, ten in stock."""
    return shop.variant("499.00")


@pytest.fixture
def cart(shop: Shop, user: User, variant: Variant) -> Cart:
    """The user's cart, two units, version 2."""
    return shop.cart(user, {variant: 2})


def test_living_coupon_stays(shop: Shop, user: User, cart: Cart) -> None:
    coupon = shop.coupon(total_limit=1, per_user_limit=1, first_order_only=True)
    usage = with_coupon(cart, coupon)

    checked = call(NAME, **checking(user))

    usage.refresh_from_db()
    cart.refresh_from_db()
    assert (checked.valid, checked.changes, checked.cart_version) == (True, [], 2)
    assert (usage.status, cart.coupon_id) == ("reserved", coupon.id)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"status": "paused"}, "coupon_not_active"),
        ({"is_deleted": True}, "coupon_not_active"),
        ({"starts_at": timezone.now() + timedelta(days=1)}, "coupon_not_started"),
        ({"ends_at": timezone.now() - timedelta(minutes=1)}, "coupon_expired"),
        ({"min_subtotal": Decimal("998.01")}, "coupon_minimum"),
    ],
)
def test_coupon_that_no_longer_holds_is_taken_off_and_its_slot_given_back(
    shop: Shop, user: User, cart: Cart, fields: dict[str, Any], reason: str
) -> None:
    usage = with_coupon(cart, shop.coupon("KITE10"))
    Coupon.objects.update(**fields)

    checked = call(NAME, **checking(user))
    again = call(NAME, **checking(user))

    assert checked.changes == [{"kind": "coupon", "code": "KITE10", "reason": reason}]
    assert (checked.valid, checked.cart_version) == (True, 3)
    usage.refresh_from_db()
    cart.refresh_from_db()
    assert (usage.status, usage.end_reason, usage.version) == ("rolled_back", reason, 2)
    assert usage.ended_at is not None
    assert (cart.coupon_id, cart.version, cart.validated_version) == (None, 3, 3)
    assert (again.changes, again.cart_version) == ([], 3)


def test_coupon_whose_products_left_the_cart_is_taken_off(
    shop: Shop, user: User, cart: Cart
) -> None:
    with_coupon(cart, shop.coupon("TOYS", scopes=[shop.product()]))

    checked = call(NAME, **checking(user))

    assert checked.changes == [
        {"kind": "coupon", "code": "TOYS", "reason": "coupon_not_applicable"}
    ]


@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        ({"first_order_only": True}, "coupon_first_order_only"),
        ({"per_user_limit": 1}, "coupon_user_limit_reached"),
        ({"total_limit": 1}, "coupon_limit_reached"),
    ],
)
def test_coupon_used_up_since_is_taken_off(
    shop: Shop, user: User, variant: Variant, limit: dict[str, Any], reason: str
) -> None:
    coupon = shop.coupon("ONCE", **limit)
    shop.placed({variant: 1}, user=user, coupon="ONCE")
    cart = shop.cart(user, {variant: 2})
    with_coupon(cart, coupon, expires_in=-1)

    checked = call(NAME, **checking(user))

    assert checked.changes == [{"kind": "coupon", "code": "ONCE", "reason": reason}]


def test_slot_that_ran_out_keeps_the_coupon_while_there_is_room(
    shop: Shop, user: User, cart: Cart
) -> None:
    coupon = shop.coupon(total_limit=2)
    with_coupon(cart, coupon, expires_in=-1)
    stranger = shop.user()
    with_coupon(Cart.objects.create(user=stranger), coupon)

    assert call(NAME, **checking(user)).changes == []


def test_slot_that_ran_out_and_was_taken_by_another_loses_the_coupon(
    shop: Shop, user: User, cart: Cart
) -> None:
    coupon = shop.coupon("LAST", total_limit=1)
    with_coupon(cart, coupon, expires_in=-1)
    with_coupon(Cart.objects.create(user=shop.user()), coupon)

    checked = call(NAME, **checking(user))

    assert checked.changes == [{"kind": "coupon", "code": "LAST", "reason": "coupon_limit_reached"}]


def test_expired_slots_of_others_take_no_room(shop: Shop, user: User, cart: Cart) -> None:
    coupon = shop.coupon(total_limit=1)
    with_coupon(cart, coupon, expires_in=-1)
    with_coupon(Cart.objects.create(user=shop.user()), coupon, expires_in=-1)

    assert call(NAME, **checking(user)).changes == []


def test_cash_limit_is_judged_without_the_coupon_that_was_taken_off(
    shop: Shop, user: User, cart: Cart
) -> None:
    with_coupon(cart, shop.coupon(ends_at=timezone.now() - timedelta(hours=1)))
    params = checking(user, p_payment_method="cod", p_cod_max_total=Decimal("997.99"))

    assert refusal(NAME, **params)[2] == {"maximum": "997.99", "total": "998.00"}
    cart.refresh_from_db()
    assert cart.coupon_id is not None


def test_two_validations_at_once_take_the_coupon_off_once(
    shop: Shop, user: User, cart: Cart
) -> None:
    with_coupon(cart, shop.coupon(ends_at=timezone.now() - timedelta(hours=1)))

    answers = at_once(*[lambda: call(NAME, **checking(user))] * 3)

    results = [one for one in answers if isinstance(one, Result)]
    assert sorted(len(one.changes) for one in results) == [0, 0, 1]
    assert {one.cart_version for one in results} == {3}
