"""`lock_inventory`: the holds of a cart, all or nothing, for a time."""

from __future__ import annotations

from datetime import timedelta
from threading import Event
from time import sleep
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from commerce.cart.models import Cart
from commerce.core.procedures import ProcedureError, Result
from commerce.inventory.models import Inventory, StockReservation
from tests.shop.builder import Shop
from tests.shop.locks import assert_locks, at_once
from tests.shop.refusals import refusal

LIMITS = {"p_hold_seconds": 600, "p_hold_max_seconds": 1800}


def ready(shop: Shop, lines: dict[Any, int], **address: Any) -> Cart:
    """A validated cart without holds."""
    user = shop.user()
    cart = shop.cart(user, lines)
    shop.validate(user, address=shop.address(user, **address))
    cart.refresh_from_db()
    return cart


def refused(cart: Cart) -> tuple[str, int, dict[str, Any]]:
    """How holding the cart is refused."""
    return refusal("lock_inventory", p_user_id=cart.user_id, **LIMITS)


def holds(cart: Cart) -> set[tuple[UUID, UUID, int, str]]:
    """The cart's holds that have not ended."""
    return set(
        StockReservation.objects.filter(cart=cart, status="active").values_list(
            "variant_id", "warehouse_id", "quantity", "status"
        )
    )


def age(cart: Cart, *, first: int, left: int) -> None:
    """Make the cart's holds `first` seconds old, with `left` seconds to live."""
    now = timezone.now()
    StockReservation.objects.filter(cart=cart).update(
        first_held_at=now - timedelta(seconds=first), expires_at=now + timedelta(seconds=left)
    )


def test_every_line_is_held_for_the_time(shop: Shop) -> None:
    shirt, cap = shop.variant(stock=5), shop.variant(stock=3)
    cart = ready(shop, {shirt: 2, cap: 3})
    before = timezone.now()

    result = shop.hold(shop.owner(cart), seconds=600)

    assert (result.cart_id, result.cart_version) == (cart.id, cart.version)
    assert timedelta(seconds=599) < result.expires_at - before < timedelta(seconds=610)
    assert holds(cart) == {
        (shirt.id, shop.home.id, 2, "active"),
        (cap.id, shop.home.id, 3, "active"),
    }
    assert (shop.inventory(shirt), shop.inventory(cap)) == ((5, 2), (3, 3))
    hold = StockReservation.objects.get(cart=cart, variant=cap)
    assert (hold.order_id, hold.cart_version, hold.created_by_id) == (
        None,
        cart.version,
        cart.user_id,
    )


def test_a_repetition_keeps_the_last_pieces_and_renews_the_hold(shop: Shop) -> None:
    shirt = shop.variant(stock=2)
    cart = ready(shop, {shirt: 2})
    shop.hold(shop.owner(cart))
    hold = StockReservation.objects.get(cart=cart)
    age(cart, first=300, left=10)

    result = shop.hold(shop.owner(cart), seconds=600, longest=1800)

    again = StockReservation.objects.get(cart=cart)
    assert (again.id, again.quantity, again.status) == (hold.id, 2, "active")
    assert again.expires_at == result.expires_at
    assert again.expires_at - timezone.now() > timedelta(seconds=590)
    assert shop.inventory(shirt) == (2, 2)


def test_no_repetition_extends_a_hold_beyond_its_longest_life(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    cart = ready(shop, {shirt: 2})
    shop.hold(shop.owner(cart))
    age(cart, first=1500, left=10)
    hold = StockReservation.objects.get(cart=cart)

    result = shop.hold(shop.owner(cart), seconds=600, longest=1800)

    assert result.expires_at == hold.first_held_at + timedelta(seconds=1800)


def test_a_changed_quantity_does_not_start_a_new_life(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    cart = ready(shop, {shirt: 2})
    shop.hold(shop.owner(cart))
    age(cart, first=1500, left=10)
    first = StockReservation.objects.get(cart=cart).first_held_at
    shop.add(shirt, 1, user=shop.owner(cart))
    shop.validate(shop.owner(cart))

    result = shop.hold(shop.owner(cart), seconds=600, longest=1800)

    assert holds(cart) == {(shirt.id, shop.home.id, 3, "active")}
    assert result.expires_at == first + timedelta(seconds=1800)
    assert shop.inventory(shirt) == (5, 3)


def test_a_shortened_longest_life_never_shortens_a_living_hold(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    cart = ready(shop, {shirt: 2})
    shop.hold(shop.owner(cart))
    age(cart, first=1500, left=100)
    until = StockReservation.objects.get(cart=cart).expires_at

    assert shop.hold(shop.owner(cart), seconds=600, longest=60).expires_at == until


def test_a_hold_that_has_ended_is_taken_anew(shop: Shop) -> None:
    shirt = shop.variant(stock=2)
    cart = ready(shop, {shirt: 2})
    shop.hold(shop.owner(cart))
    age(cart, first=1800, left=-1)

    result = shop.hold(shop.owner(cart), seconds=600)

    old, new = StockReservation.objects.filter(cart=cart).order_by("created_at")
    assert (old.status, old.end_reason, new.status) == ("expired", "reclaimed", "active")
    assert result.expires_at - timezone.now() > timedelta(seconds=590)
    assert shop.inventory(shirt) == (2, 2)


def test_a_removed_line_gives_its_hold_back(shop: Shop) -> None:
    shirt, cap = shop.variant(stock=5), shop.variant(stock=3)
    cart = ready(shop, {shirt: 2, cap: 3})
    shop.hold(shop.owner(cart))
    cart.items.filter(variant=cap).update(is_deleted=True)

    shop.hold(shop.owner(cart))

    ended = StockReservation.objects.get(cart=cart, variant=cap)
    assert (ended.status, ended.end_reason) == ("released", "line_removed")
    assert ended.ended_at is not None
    assert holds(cart) == {(shirt.id, shop.home.id, 2, "active")}
    assert (shop.inventory(shirt), shop.inventory(cap)) == ((5, 2), (3, 0))


def test_expired_holds_of_others_are_reclaimed_first(shop: Shop) -> None:
    shirt = shop.variant(stock=2)
    sleeper = ready(shop, {shirt: 2})
    shop.hold(shop.owner(sleeper))
    age(sleeper, first=700, left=-1)
    buyer = ready(shop, {shirt: 1})

    shop.hold(shop.owner(buyer))

    ended = StockReservation.objects.get(cart=sleeper)
    assert (ended.status, ended.end_reason) == ("expired", "reclaimed")
    assert holds(buyer) == {(shirt.id, shop.home.id, 1, "active")}
    assert shop.inventory(shirt) == (2, 1)


def test_living_holds_of_others_are_left_alone(shop: Shop) -> None:
    shirt = shop.variant(stock=3)
    first, second = ready(shop, {shirt: 2}), ready(shop, {shirt: 2})
    shop.hold(shop.owner(first))

    code, status, context = refused(second)

    assert (code, status) == ("insufficient_stock", 409)
    assert context == {
        "shortfalls": [
            {"variant_id": str(shirt.id), "sku": shirt.sku, "requested": 2, "available": 1}
        ]
    }
    assert shop.inventory(shirt) == (3, 2)


def test_all_shortfalls_are_named_and_nothing_is_held(shop: Shop) -> None:
    plenty, few, none = (
        shop.variant(stock=9, sku="A-1"),
        shop.variant(stock=4, sku="B-2"),
        shop.variant(stock=4, sku="C-3"),
    )
    cart = ready(shop, {plenty: 2, few: 4, none: 4})
    Inventory.objects.filter(variant=few).update(on_hand=3)
    Inventory.objects.filter(variant=none).update(on_hand=0)

    code, status, context = refused(cart)

    assert (code, status) == ("insufficient_stock", 409)
    assert context == {
        "shortfalls": [
            {"variant_id": str(few.id), "sku": "B-2", "requested": 4, "available": 3},
            {"variant_id": str(none.id), "sku": "C-3", "requested": 4, "available": 0},
        ]
    }
    assert holds(cart) == set()
    assert shop.inventory(plenty) == (9, 0)


def test_no_cart_is_not_found(shop: Shop) -> None:
    somebody = shop.user().id

    assert refusal("lock_inventory", p_user_id=somebody, **LIMITS) == ("cart_not_found", 404, {})


def test_an_empty_cart_is_refused(shop: Shop) -> None:
    cart = ready(shop, {shop.variant(): 1})
    cart.items.update(is_deleted=True)

    assert refused(cart) == ("cart_empty", 409, {"cart_id": str(cart.id)})


def test_a_cart_that_changed_since_its_validation_is_stale(shop: Shop) -> None:
    shirt = shop.variant()
    cart = ready(shop, {shirt: 1})
    shop.add(shirt, 1, user=shop.owner(cart))

    assert refused(cart) == ("checkout_stale", 409, {"reason": "version"})


def test_a_deleted_address_makes_the_checkout_stale(shop: Shop) -> None:
    cart = ready(shop, {shop.variant(): 1})
    shop.owner(cart).addresses.update(is_deleted=True)

    assert refused(cart) == ("checkout_stale", 409, {"reason": "address"})


def test_the_last_piece_is_held_once(shop: Shop) -> None:
    shirt = shop.variant(stock=1)
    users = [shop.owner(ready(shop, {shirt: 1})) for _ in range(4)]

    results = at_once(*(lambda user=user: shop.hold(user) for user in users))

    assert sum(isinstance(one, Result) for one in results) == 1
    assert {one.code for one in results if isinstance(one, ProcedureError)} == {
        "insufficient_stock"
    }
    assert shop.inventory(shirt) == (1, 1)
    assert StockReservation.objects.filter(variant=shirt, status="active").count() == 1


def test_a_cart_that_changes_while_the_call_waits_is_stale(shop: Shop) -> None:
    cart = ready(shop, {shop.variant(): 1})
    changed = Event()

    def change() -> Any:
        with transaction.atomic():
            Cart.objects.filter(id=cart.id).update(version=cart.version + 1)
            changed.set()
            sleep(0.3)

    def hold() -> Result:
        changed.wait(timeout=10)
        return shop.hold(shop.owner(cart))

    _, late = at_once(change, hold)

    assert isinstance(late, ProcedureError)
    assert (late.code, late.context) == ("checkout_stale", {"reason": "version"})
    assert holds(cart) == set()


def test_carts_with_the_same_lines_in_any_order_never_deadlock(shop: Shop) -> None:
    variants = [shop.variant(stock=20) for _ in range(4)]
    ways = [variants, variants[::-1], variants[2:] + variants[:2]]
    users = [shop.owner(ready(shop, dict.fromkeys(way, 1))) for way in ways]

    results = at_once(*(lambda user=user: shop.hold(user) for user in users))

    assert [type(one) for one in results] == [Result] * 3
    assert [shop.inventory(one) for one in variants] == [(20, 3)] * 4


def test_cart_stock_and_holds_are_locked(shop: Shop) -> None:
    shirt = shop.variant()
    cart = ready(shop, {shirt: 1})
    shop.hold(shop.owner(cart))
    params = {"p_user_id": cart.user_id, **LIMITS}

    assert_locks(cart, "lock_inventory", **params)
    assert_locks(Inventory.objects.get(variant=shirt), "lock_inventory", **params)
    assert_locks(StockReservation.objects.get(cart=cart), "lock_inventory", **params)
