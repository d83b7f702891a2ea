"""`add_to_cart`: the line and its price, and every refusal."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from commerce.cart.models import Cart, CartItem
from commerce.catalog.models import Variant
from commerce.core.models import IdempotencyKey
from commerce.core.procedures import call
from commerce.inventory.models import Inventory, StockReservation
from tests.shop.adding import adding
from tests.shop.builder import Shop
from tests.shop.refusals import refusal

NAME = "add_to_cart"


def hold(cart: Cart, variant: Variant, shop: Shop, quantity: int, **fields: Any) -> None:
    """An unbound hold of the cart on stock of the home warehouse."""
    now = timezone.now()
    values = {"first_held_at": now, "expires_at": now + timedelta(minutes=5), "cart_version": 1}
    StockReservation.objects.create(
        cart=cart, variant=variant, warehouse=shop.home, quantity=quantity, **(values | fields)
    )
    Inventory.objects.filter(variant=variant).update(reserved=F("reserved") + quantity)


def test_first_add_opens_the_cart_with_its_line_at_todays_price(shop: Shop) -> None:
    user, variant = shop.user(), shop.variant("499.00")

    added = call(NAME, **adding(variant, 2, p_user_id=user.id))

    cart = Cart.objects.get()
    item = CartItem.objects.get()
    assert dict(added) == {"cart_id": cart.id, "item_id": item.id, "replayed": False}
    assert (cart.user_id, cart.token_hash, cart.status, cart.version, cart.created_by_id) == (
        user.id,
        None,
        "open",
        2,
        user.id,
    )
    assert (item.cart_id, item.variant_id, item.quantity, item.seen_price, item.is_deleted) == (
        cart.id,
        variant.id,
        2,
        Decimal("499.00"),
        False,
    )
    assert IdempotencyKey.objects.count() == 0


def test_guest_gets_a_cart_known_by_the_token_hash(shop: Shop) -> None:
    added = call(NAME, **adding(shop.variant(), p_token_hash="a" * 64))

    cart = Cart.objects.get()
    assert (cart.id, cart.user_id, cart.token_hash, cart.status) == (
        added.cart_id,
        None,
        "a" * 64,
        "open",
    )


def test_adding_again_adds_units_refreshes_the_price_and_moves_the_version(shop: Shop) -> None:
    user, variant = shop.user(), shop.variant("499.00", mrp="999.00")
    first = call(NAME, **adding(variant, 2, p_user_id=user.id))
    added_at = CartItem.objects.get().added_at
    Variant.objects.update(price=Decimal("450.00"))

    second = call(NAME, **adding(variant, 3, p_user_id=user.id))

    item = CartItem.objects.get()
    assert second.item_id == first.item_id == item.id
    assert (item.quantity, item.seen_price, item.added_at) == (5, Decimal("450.00"), added_at)
    assert Cart.objects.get().version == 3


def test_adding_a_removed_line_revives_it_with_the_new_quantity_alone(shop: Shop) -> None:
    user, variant = shop.user(), shop.variant()
    first = call(NAME, **adding(variant, 9, p_user_id=user.id))
    CartItem.objects.update(is_deleted=True, added_at=timezone.now() - timedelta(days=1))

    again = call(NAME, **adding(variant, 4, p_user_id=user.id))

    item = CartItem.objects.get()
    assert again.item_id == first.item_id
    assert (item.quantity, item.is_deleted) == (4, False)
    assert item.added_at > timezone.now() - timedelta(minutes=1)


def test_an_ordered_cart_is_followed_by_a_new_one(shop: Shop) -> None:
    user, variant = shop.user(), shop.variant()
    first = call(NAME, **adding(variant, p_user_id=user.id))
    Cart.objects.update(status="ordered")

    second = call(NAME, **adding(variant, p_user_id=user.id))

    assert second.cart_id != first.cart_id
    assert sorted(Cart.objects.values_list("status", flat=True)) == ["open", "ordered"]


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_quantity_below_one_is_refused(shop: Shop, quantity: int) -> None:
    said = refusal(NAME, **adding(shop.variant(), quantity, p_user_id=shop.user().id))

    assert said == ("bad_quantity", 422, {"quantity": quantity})
    assert Cart.objects.count() == 0


def test_unknown_variant_is_not_found(shop: Shop) -> None:
    unknown = str(uuid.uuid4())

    said = refusal(NAME, **adding(shop.variant(), p_user_id=shop.user().id, p_variant_id=unknown))

    assert said == ("variant_not_found", 404, {"variant_id": unknown})
    assert Cart.objects.count() == 0


@pytest.mark.parametrize("deleted", ["variant", "product"])
def test_deleted_variant_is_not_found(shop: Shop, deleted: str) -> None:
    variant = shop.variant()
    gone = variant if deleted == "variant" else variant.product
    type(gone).objects.filter(id=gone.id).update(is_deleted=True)

    said = refusal(NAME, **adding(variant, p_user_id=shop.user().id))

    assert said == ("variant_not_found", 404, {"variant_id": str(variant.id)})


@pytest.mark.parametrize(
    ("variant_status", "product_status"),
    [("inactive", "active"), ("active", "draft"), ("active", "archived")],
)
def test_variant_off_the_shelves_is_unavailable(
    shop: Shop, variant_status: str, product_status: str
) -> None:
    product = shop.product(status=product_status)
    variant = shop.variant(product=product, status=variant_status)

    said = refusal(NAME, **adding(variant, p_user_id=shop.user().id))

    assert said == ("variant_unavailable", 409, {"variant_id": str(variant.id)})


@pytest.mark.parametrize("status", ["merged", "ordered", "abandoned"])
def test_token_of_a_closed_cart_is_gone(shop: Shop, status: str) -> None:
    Cart.objects.create(token_hash="b" * 64, status=status)

    said = refusal(NAME, **adding(shop.variant(), p_token_hash="b" * 64))

    assert said == ("cart_gone", 410, {})
    assert CartItem.objects.count() == 0


def test_line_limit_holds_over_several_adds_and_for_huge_numbers(shop: Shop) -> None:
    user, variant = shop.user(), shop.variant(stock=50)
    call(NAME, **adding(variant, 10, p_user_id=user.id))

    one_more = refusal(NAME, **adding(variant, 1, p_user_id=user.id))
    huge = refusal(NAME, **adding(variant, 2**31 - 1, p_user_id=user.id))

    assert one_more == huge == ("line_limit_exceeded", 422, {"maximum": 10})
    assert CartItem.objects.get().quantity == 10


def test_full_cart_takes_no_new_line_but_more_of_an_old_one(shop: Shop) -> None:
    user = shop.user()
    variants = [shop.variant() for _ in range(4)]
    for variant in variants[:3]:
        call(NAME, **adding(variant, p_user_id=user.id))

    said = refusal(NAME, **adding(variants[3], p_user_id=user.id))
    call(NAME, **adding(variants[0], p_user_id=user.id))

    assert said == ("cart_full", 422, {"maximum": 3})
    assert sorted(CartItem.objects.values_list("quantity", flat=True)) == [1, 1, 2]


def test_removed_line_makes_room_and_cannot_come_back_into_a_full_cart(shop: Shop) -> None:
    user = shop.user()
    variants = [shop.variant() for _ in range(4)]
    for variant in variants[:3]:
        call(NAME, **adding(variant, p_user_id=user.id))
    CartItem.objects.filter(variant=variants[0]).update(is_deleted=True)
    call(NAME, **adding(variants[3], p_user_id=user.id))

    said = refusal(NAME, **adding(variants[0], p_user_id=user.id))

    assert said == ("cart_full", 422, {"maximum": 3})


def test_more_than_the_stock_is_refused_and_nothing_is_written(shop: Shop) -> None:
    user, variant = shop.user(), shop.variant(stock=4)

    said = refusal(NAME, **adding(variant, 5, p_user_id=user.id))

    figures = {"variant_id": str(variant.id), "requested": 5, "available": 4}
    assert said == ("insufficient_stock", 409, figures)
    assert (Cart.objects.count(), CartItem.objects.count()) == (0, 0)


def test_what_the_line_has_already_counts_against_the_stock(shop: Shop) -> None:
    user, variant = shop.user(), shop.variant(stock=4)
    call(NAME, **adding(variant, 3, p_user_id=user.id))

    said = refusal(NAME, **adding(variant, 2, p_user_id=user.id))

    figures = {"variant_id": str(variant.id), "requested": 5, "available": 4}
    assert said == ("insufficient_stock", 409, figures)
    assert CartItem.objects.get().quantity == 3


def test_variant_without_any_stock_row_has_none_available(shop: Shop) -> None:
    variant = shop.variant(stock=0)

    said = refusal(NAME, **adding(variant, p_user_id=shop.user().id))

    figures = {"variant_id": str(variant.id), "requested": 1, "available": 0}
    assert said == ("insufficient_stock", 409, figures)


def test_a_line_is_not_split_so_the_best_single_warehouse_counts(shop: Shop) -> None:
    variant = shop.variant(stock=4)
    shop.stock(variant, 3, shop.warehouse("DEL", state="Delhi", regions=("1",)))

    said = refusal(NAME, **adding(variant, 5, p_user_id=shop.user().id))

    assert said[2]["available"] == 4


def test_other_carts_living_holds_count_own_and_expired_ones_do_not(shop: Shop) -> None:
    user, variant = shop.user(), shop.variant(stock=10)
    own = Cart.objects.create(user=user)
    hold(own, variant, shop, 2)
    hold(Cart.objects.create(user=shop.user()), variant, shop, 3)
    past = timezone.now() - timedelta(seconds=1)
    hold(Cart.objects.create(user=shop.user()), variant, shop, 4, expires_at=past)

    said = refusal(NAME, **adding(variant, 8, p_user_id=user.id))
    call(NAME, **adding(variant, 7, p_user_id=user.id))

    assert said[2] == {"variant_id": str(variant.id), "requested": 8, "available": 7}
    assert CartItem.objects.get().quantity == 7
