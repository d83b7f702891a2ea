"""`merge_carts`: what comes over, what is capped or dropped, and that it happens once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from commerce.accounts.models import User
from commerce.cart.models import Cart, CartItem
from commerce.catalog.models import Variant
from commerce.core.procedures import Result, call
from commerce.inventory.models import Inventory, StockReservation
from tests.shop.builder import Shop
from tests.shop.locks import after_waiting, assert_locks, at_once

NAME = "merge_carts"
TOKEN = "a" * 64
NOTHING: dict[str, Any] = {"kept": [], "added": [], "capped": [], "dropped": []}


@pytest.fixture
def user(shop: Shop) -> User:
    """The user who has just logged in."""
    return shop.user()


def merging(user: User, **params: Any) -> dict[str, Any]:
    """The parameters of one merge, at most 10 units of a variant and 3 lines."""
    values = {"p_token_hash": TOKEN, "p_line_max": 10, "p_lines_max": 3}
    return {"p_user_id": user.id} | values | params


def told(variant: Variant, **figures: Any) -> dict[str, Any]:
    """An entry of the report."""
    named = {"sku": variant.sku, "name": variant.product.name}
    return {"variant_id": str(variant.id)} | named | figures


def lines(user: User) -> dict[Variant, int]:
    """Living lines of the user's open cart."""
    items = CartItem.objects.filter(cart__user=user, cart__status="open", is_deleted=False)
    return {item.variant: item.quantity for item in items.select_related("variant")}


def test_user_without_a_cart_gets_one_with_the_guests_lines(shop: Shop, user: User) -> None:
    variant = shop.variant("499.00")
    guest_id = shop.add(variant, 2, token=TOKEN).cart_id
    added_at = CartItem.objects.get().added_at
    Variant.objects.update(price=Decimal("450.00"))

    merged = call(NAME, **merging(user))

    guest, own = Cart.objects.get(id=guest_id), Cart.objects.get(user=user)
    assert (merged.merged, merged.cart_id) == (True, own.id)
    assert merged.report == NOTHING | {"added": [told(variant, quantity=2)]}
    assert (own.status, own.version, own.token_hash) == ("open", 2, None)
    assert (guest.status, guest.merged_into_id, guest.version) == ("merged", own.id, 3)
    assert guest.closed_at is not None
    item = CartItem.objects.get(cart=own)
    assert (item.variant_id, item.quantity, item.added_at) == (variant.id, 2, added_at)
    assert item.seen_price == Decimal("499.00")  # so that the buyer is still told of the change


def test_quantities_of_one_variant_add_up_and_others_are_kept(shop: Shop, user: User) -> None:
    shared, own = shop.variant("100.00"), shop.variant("200.00")
    shop.add(shared, 2, user=user)
    shop.add(own, 1, user=user)
    shop.add(shared, 3, token=TOKEN)
    Cart.objects.filter(token_hash=TOKEN).update(coupon=shop.coupon())

    merged = call(NAME, **merging(user))

    assert merged.report == NOTHING | {
        "kept": [told(own, quantity=1)],
        "added": [told(shared, quantity=5)],
    }
    assert lines(user) == {shared: 5, own: 1}
    cart = Cart.objects.get(user=user)
    assert (cart.version, cart.coupon_id) == (4, None)


def test_sum_is_capped_at_the_line_limit(shop: Shop, user: User) -> None:
    variant = shop.variant(stock=50)
    shop.add(variant, 8, user=user)
    shop.add(variant, 5, token=TOKEN)

    merged = call(NAME, **merging(user))

    assert merged.report == NOTHING | {"capped": [told(variant, requested=13, quantity=10)]}
    assert lines(user) == {variant: 10}


def test_sum_is_capped_at_what_one_warehouse_has(shop: Shop, user: User) -> None:
    variant = shop.variant(stock=4)
    shop.stock(variant, 3, shop.warehouse("DEL", state="Delhi", regions=("1",)))
    shop.add(variant, 2, user=user)
    shop.add(variant, 4, token=TOKEN)

    merged = call(NAME, **merging(user))

    assert merged.report == NOTHING | {"capped": [told(variant, requested=6, quantity=4)]}
    assert lines(user) == {variant: 4}


def test_users_own_quantity_is_never_lowered(shop: Shop, user: User) -> None:
    variant = shop.variant(stock=6)
    shop.add(variant, 6, user=user)
    shop.add(variant, 1, token=TOKEN)
    Inventory.objects.update(on_hand=3)

    merged = call(NAME, **merging(user))

    assert merged.report == NOTHING | {"capped": [told(variant, requested=7, quantity=6)]}
    assert lines(user) == {variant: 6}
    assert Cart.objects.get(user=user).version == 2


def test_what_the_users_cart_still_holds_of_a_removed_line_is_its_own(
    shop: Shop, user: User
) -> None:
    variant = shop.variant(stock=3)
    own = shop.cart(user, {variant: 1})
    CartItem.objects.update(is_deleted=True)
    shop.add(variant, 3, token=TOKEN)
    now = timezone.now()
    StockReservation.objects.create(
        cart=own,
        variant=variant,
        warehouse=shop.home,
        quantity=1,
        cart_version=2,
        first_held_at=now,
        expires_at=now + timedelta(minutes=5),
    )
    Inventory.objects.update(reserved=1)

    merged = call(NAME, **merging(user))

    assert merged.report == NOTHING | {"added": [told(variant, quantity=3)]}
    assert lines(user) == {variant: 3}


def test_lines_that_cannot_be_bought_are_dropped_with_the_reason(shop: Shop, user: User) -> None:
    gone, sold_out = shop.variant(), shop.variant()
    shop.add(gone, 1, token=TOKEN)
    shop.add(sold_out, 2, token=TOKEN)
    Variant.objects.filter(id=gone.id).update(status="inactive")
    Inventory.objects.filter(variant=sold_out).update(on_hand=0)

    merged = call(NAME, **merging(user))

    assert merged.report == NOTHING | {
        "dropped": [
            told(gone, quantity=1, reason="unavailable"),
            told(sold_out, quantity=2, reason="out_of_stock"),
        ]
    }
    assert (merged.merged, lines(user), Cart.objects.get(user=user).version) == (True, {}, 1)


def test_users_own_line_is_kept_when_the_guests_is_dropped(shop: Shop, user: User) -> None:
    variant = shop.variant()
    shop.add(variant, 2, user=user)
    shop.add(variant, 1, token=TOKEN)
    Variant.objects.update(status="inactive")

    merged = call(NAME, **merging(user))

    assert merged.report == NOTHING | {
        "kept": [told(variant, quantity=2)],
        "dropped": [told(variant, quantity=1, reason="unavailable")],
    }
    assert lines(user) == {variant: 2}


def test_earliest_lines_come_over_until_the_cart_is_full(shop: Shop, user: User) -> None:
    own = [shop.variant() for _ in range(2)]
    brought = [shop.variant() for _ in range(3)]
    for variant in own:
        shop.add(variant, user=user)
    for variant in (own[0], *brought):
        shop.add(variant, token=TOKEN)
    Inventory.objects.filter(variant=brought[0]).update(on_hand=0)

    merged = call(NAME, **merging(user))

    assert merged.report == {
        "kept": [told(own[1], quantity=1)],
        "added": [told(own[0], quantity=2), told(brought[1], quantity=1)],
        "capped": [],
        "dropped": [
            told(brought[0], quantity=1, reason="out_of_stock"),
            told(brought[2], quantity=1, reason="cart_full"),
        ],
    }
    assert lines(user) == {own[0]: 2, own[1]: 1, brought[1]: 1}


def test_removed_lines_of_the_guest_stay_behind(shop: Shop, user: User) -> None:
    shop.add(shop.variant(), token=TOKEN)
    CartItem.objects.update(is_deleted=True)

    merged = call(NAME, **merging(user))

    assert (merged.merged, merged.report, lines(user)) == (True, NOTHING, {})


def test_merged_token_is_ignored_afterwards(shop: Shop, user: User) -> None:
    variant = shop.variant()
    shop.add(variant, 2, token=TOKEN)
    first = call(NAME, **merging(user))

    second = call(NAME, **merging(user))

    assert dict(second) == {"cart_id": first.cart_id, "merged": False, "report": NOTHING}
    assert lines(user) == {variant: 2}
    assert Cart.objects.get(user=user).version == 2


@pytest.mark.parametrize("status", ["ordered", "abandoned"])
def test_closed_token_is_ignored(shop: Shop, user: User, status: str) -> None:
    shop.add(shop.variant(), token=TOKEN)
    Cart.objects.update(status=status)

    assert dict(call(NAME, **merging(user))) == {
        "cart_id": None,
        "merged": False,
        "report": NOTHING,
    }
    assert Cart.objects.get().status == status


def test_unknown_token_opens_no_cart(shop: Shop, user: User) -> None:
    assert call(NAME, **merging(user)).merged is False
    assert Cart.objects.count() == 0


def test_two_logins_at_once_share_no_guest_cart(shop: Shop, user: User) -> None:
    variant, other = shop.variant(), shop.user()
    shop.add(variant, 2, token=TOKEN)

    answers = at_once(
        lambda: call(NAME, **merging(user)),
        lambda: call(NAME, **merging(user)),
        lambda: call(NAME, **merging(other)),
        lambda: call(NAME, **merging(other)),
    )

    results = [one for one in answers if isinstance(one, Result)]
    assert sorted(one.merged for one in results) == [False, False, False, True]
    assert list((lines(user) | lines(other)).values()) == [2]
    assert Cart.objects.filter(status="open").count() == 1


def test_user_both_carts_and_their_lines_are_locked(shop: Shop, user: User) -> None:
    shop.add(shop.variant(), token=TOKEN)
    shop.add(shop.variant(), user=user)

    for row in (user, *Cart.objects.all(), *CartItem.objects.all()):
        assert_locks(row, NAME, **merging(user))
    assert Cart.objects.filter(status="open").count() == 2


def test_merge_that_waited_for_an_abandonment_takes_nothing_in(shop: Shop, user: User) -> None:
    shop.add(shop.variant(), token=TOKEN)
    guest = Cart.objects.get()

    merged = after_waiting(lambda: call(NAME, **merging(user)), guest, status="abandoned")

    assert dict(merged) == {"cart_id": None, "merged": False, "report": NOTHING}
    assert Cart.objects.get().status == "abandoned"
