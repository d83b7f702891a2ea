"""`update_cart_quantity`: set, remove, refuse; the same quantity again changes nothing."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from commerce.accounts.models import User
from commerce.cart.models import Cart, CartItem
from commerce.catalog.models import Product, Variant
from commerce.core.procedures import ProcedureError, Result, call
from commerce.inventory.models import Inventory, StockReservation
from tests.shop.builder import Shop
from tests.shop.locks import assert_locks, at_once
from tests.shop.refusals import refusal

NAME = "update_cart_quantity"


@pytest.fixture
def user(shop: Shop) -> User:
    """The customer whose cart is changed."""
    return shop.user()


@pytest.fixture
def item(shop: Shop, user: User) -> CartItem:
    """The one line of the user's cart: two units at 499.00, ten in stock; cart version 2."""
    shop.add(shop.variant("499.00"), 2, user=user)
    return CartItem.objects.get()


def setting(item: CartItem, quantity: int, **params: Any) -> dict[str, Any]:
    """The parameters of one change by the cart's owner, at most 10 units."""
    values = {"p_item_id": item.id, "p_quantity": quantity, "p_line_max": 10}
    return values | {"p_user_id": item.cart.user_id} | params


def test_quantity_is_set_at_todays_price(item: CartItem) -> None:
    Variant.objects.update(price=Decimal("450.00"))

    changed = call(NAME, **setting(item, 5))

    item.refresh_from_db()
    assert dict(changed) == {"cart_id": item.cart_id, "cart_version": 3}
    assert (item.quantity, item.seen_price, item.is_deleted) == (5, Decimal("450.00"), False)
    assert Cart.objects.get().version == 3


def test_zero_removes_the_line_even_when_it_is_no_longer_sold(item: CartItem) -> None:
    Product.objects.update(status="archived")

    changed = call(NAME, **setting(item, 0))

    item.refresh_from_db()
    assert (changed.cart_version, item.is_deleted) == (3, True)


def test_same_quantity_again_leaves_the_version(item: CartItem) -> None:
    call(NAME, **setting(item, 5))

    again = call(NAME, **setting(item, 5))

    assert again.cart_version == 3


def test_guest_changes_a_line_by_token(shop: Shop) -> None:
    added = shop.add(shop.variant(), token="a" * 64)
    item = CartItem.objects.get()

    changed = call(NAME, **setting(item, 3, p_user_id=None, p_token_hash="a" * 64))

    assert dict(changed) == {"cart_id": added.cart_id, "cart_version": 3}


def test_expected_version_must_be_the_carts(item: CartItem) -> None:
    said = refusal(NAME, **setting(item, 5, p_expected_version=1))
    changed = call(NAME, **setting(item, 5, p_expected_version=2))

    assert said == ("version_conflict", 409, {"expected": 1, "actual": 2})
    assert changed.cart_version == 3


def test_negative_quantity_is_refused(item: CartItem) -> None:
    assert refusal(NAME, **setting(item, -1)) == ("bad_quantity", 422, {"quantity": -1})


def test_closed_cart_is_not_found(item: CartItem) -> None:
    Cart.objects.update(status="ordered")

    assert refusal(NAME, **setting(item, 1)) == ("cart_not_found", 404, {})


def test_token_does_not_open_a_customers_cart(item: CartItem) -> None:
    Cart.objects.update(token_hash="a" * 64)

    said = refusal(NAME, **setting(item, 1, p_user_id=None, p_token_hash="a" * 64))

    assert said == ("cart_not_found", 404, {})


@pytest.mark.parametrize("whose", ["nobody", "stranger", "removed"])
def test_line_that_is_not_in_the_cart_is_not_found(
    shop: Shop, user: User, item: CartItem, whose: str
) -> None:
    wanted = item.id
    if whose == "nobody":
        wanted = uuid.uuid4()
    elif whose == "stranger":
        wanted = shop.add(shop.variant(), user=shop.user()).item_id
    else:
        call(NAME, **setting(item, 0))

    said = refusal(NAME, **setting(item, 1, p_item_id=wanted))

    assert said == ("cart_item_not_found", 404, {"item_id": str(wanted)})


def test_line_limit_holds(item: CartItem) -> None:
    assert refusal(NAME, **setting(item, 11)) == ("line_limit_exceeded", 422, {"maximum": 10})


def test_variant_off_the_shelves_is_unavailable(item: CartItem) -> None:
    Variant.objects.update(status="inactive")

    said = refusal(NAME, **setting(item, 1))

    assert said == ("variant_unavailable", 409, {"variant_id": str(item.variant_id)})


def test_more_than_one_warehouse_has_is_refused(shop: Shop, item: CartItem) -> None:
    Inventory.objects.update(on_hand=4)
    shop.stock(item.variant, 3, shop.warehouse("DEL", state="Delhi", regions=("1",)))

    said = refusal(NAME, **setting(item, 5))

    figures = {"variant_id": str(item.variant_id), "requested": 5, "available": 4}
    assert said == ("insufficient_stock", 409, figures)
    item.refresh_from_db()
    assert item.quantity == 2


def test_what_the_cart_holds_itself_is_its_own(shop: Shop, item: CartItem) -> None:
    now = timezone.now()
    StockReservation.objects.create(
        cart_id=item.cart_id,
        variant_id=item.variant_id,
        warehouse=shop.home,
        quantity=2,
        cart_version=2,
        first_held_at=now,
        expires_at=now + timedelta(minutes=5),
    )
    Inventory.objects.update(on_hand=4, reserved=2)

    assert call(NAME, **setting(item, 4)).cart_version == 3


def test_two_changes_at_once_from_one_version_let_one_through(item: CartItem) -> None:
    answers = at_once(
        lambda: call(NAME, **setting(item, 3, p_expected_version=2)),
        lambda: call(NAME, **setting(item, 4, p_expected_version=2)),
    )

    refused = [one for one in answers if isinstance(one, ProcedureError)]
    assert [one.cart_version for one in answers if isinstance(one, Result)] == [3]
    assert [(one.code, one.context) for one in refused] == [
        ("version_conflict", {"expected": 2, "actual": 3})
    ]


def test_cart_and_line_are_locked(item: CartItem) -> None:
    assert_locks(Cart.objects.get(), NAME, **setting(item, 3))
    assert_locks(item, NAME, **setting(item, 3))
