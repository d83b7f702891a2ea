"""`lock_inventory` for several buyers of one moment: first come, first served."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone

from commerce.accounts.models import Address
from commerce.cart.models import Cart
from commerce.core.procedures import TemporarilyUnavailable, call
from commerce.inventory.models import Inventory, StockReservation
from tests.shop.builder import Shop
from tests.shop.locks import held

LIMITS = {"p_hold_seconds": 600, "p_hold_max_seconds": 1800}


def ready(shop: Shop, lines: dict[Any, int]) -> Cart:
    """A validated cart without holds."""
    user = shop.user()
    cart = shop.cart(user, lines)
    shop.validate(user)
    cart.refresh_from_db()
    return cart


def together(*carts: Cart) -> dict[UUID | None, dict[str, Any]]:
    """What became of each cart, those left out missing."""
    users = [cart.user_id for cart in carts]
    outcomes = call("lock_inventory", p_user_id=None, p_user_ids=users, **LIMITS).outcomes or []
    return {UUID(one.pop("user_id")): one for one in outcomes}


def set_quantity(cart: Cart, quantity: int) -> None:
    """Change the cart's only line, as its owner does."""
    call(
        "update_cart_quantity",
        p_user_id=cart.user_id,
        p_item_id=cart.items.get().id,
        p_quantity=quantity,
        p_line_max=10,
    )


def places(cart: Cart) -> set[tuple[UUID, UUID, int]]:
    """(variant, warehouse, quantity) of the cart's active holds."""
    active = StockReservation.objects.filter(cart=cart, status="active")
    return set(active.values_list("variant_id", "warehouse_id", "quantity"))


def test_each_cart_is_held_and_told_so(shop: Shop) -> None:
    shirt, cap = shop.variant(stock=9), shop.variant(stock=9)
    carts = [ready(shop, {shirt: 1}), ready(shop, {shirt: 2, cap: 3}), ready(shop, {cap: 4})]
    before = timezone.now()

    outcomes = together(*carts)

    for cart in carts:
        outcome = outcomes[cart.user_id]
        ends = datetime.fromisoformat(outcome.pop("expires_at"))
        assert timedelta(seconds=599) < ends - before < timedelta(seconds=610)
        assert outcome == {"cart_id": str(cart.id), "cart_version": cart.version}
    assert places(carts[1]) == {(shirt.id, shop.home.id, 2), (cap.id, shop.home.id, 3)}
    assert (shop.inventory(shirt), shop.inventory(cap)) == ((9, 3), (9, 7))
    hold = StockReservation.objects.get(cart=carts[0])
    assert (hold.created_by_id, hold.cart_version) == (carts[0].user_id, carts[0].version)
    shop.audit()


def test_the_last_units_go_to_those_who_came_first(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    first, second, third = (ready(shop, {shirt: n}) for n in (3, 3, 2))

    outcomes = together(first, second, third)

    assert outcomes[second.user_id] == {
        "cart_id": str(second.id),
        "shortfalls": [
            {"variant_id": str(shirt.id), "sku": shirt.sku, "requested": 3, "available": 0}
        ],
    }
    assert "expires_at" in outcomes[first.user_id]
    assert "expires_at" in outcomes[third.user_id]
    assert (places(second), shop.inventory(shirt)) == (set(), (5, 5))
    shop.audit()


def test_the_order_of_coming_decides_not_that_of_the_carts(shop: Shop) -> None:
    shirt = shop.variant(stock=1)
    carts = [ready(shop, {shirt: 1}) for _ in range(4)]

    outcomes = together(carts[2], carts[0], carts[3], carts[1])

    winners = [cart for cart in carts if "expires_at" in outcomes[cart.user_id]]
    assert winners == [carts[2]]


def test_a_cart_that_lacks_one_line_holds_none_and_takes_nothing_from_others(shop: Shop) -> None:
    shirt, cap = shop.variant(stock=2), shop.variant(stock=2)
    greedy, modest = ready(shop, {shirt: 2, cap: 2}), ready(shop, {shirt: 2})
    blocker = ready(shop, {cap: 1})

    outcomes = together(blocker, greedy, modest)

    lacking = {one["sku"]: one["available"] for one in outcomes[greedy.user_id]["shortfalls"]}
    assert lacking == {cap.sku: 1, shirt.sku: 0}  # as it is once all others are served
    assert (places(greedy), places(modest)) == (set(), {(shirt.id, shop.home.id, 2)})
    assert (shop.inventory(shirt), shop.inventory(cap)) == ((2, 2), (2, 1))


def test_whoever_no_longer_fits_is_served_by_the_next_warehouse(shop: Shop) -> None:
    far = shop.warehouse("MYS", state="Karnataka", regions=("56",), region_priority=20)
    shirt = shop.variant(stock=1)
    shop.stock(shirt, 1, far)
    first, second = ready(shop, {shirt: 1}), ready(shop, {shirt: 1})

    together(first, second)

    assert places(first) == {(shirt.id, shop.home.id, 1)}
    assert places(second) == {(shirt.id, far.id, 1)}


def test_a_repetition_among_others_keeps_its_hold(shop: Shop) -> None:
    shirt = shop.variant(stock=3)
    holder, other = ready(shop, {shirt: 2}), ready(shop, {shirt: 1})
    together(holder, ready(shop, {shop.variant(): 1}))
    hold = StockReservation.objects.get(cart=holder)

    together(other, holder)

    assert StockReservation.objects.get(cart=holder).id == hold.id
    assert shop.inventory(shirt) == (3, 3)
    shop.audit()


def test_stock_that_one_lets_go_goes_to_those_behind(shop: Shop) -> None:
    shirt = shop.variant(stock=3)
    shrinking, other = ready(shop, {shirt: 3}), ready(shop, {shirt: 2})
    shop.hold(shop.owner(shrinking))
    set_quantity(shrinking, 1)
    shop.validate(shop.owner(shrinking))

    outcomes = together(shrinking, other)

    assert "expires_at" in outcomes[other.user_id]
    assert places(shrinking) == {(shirt.id, shop.home.id, 1)}
    assert shop.inventory(shirt) == (3, 3)
    shop.audit()


def test_a_busy_row_does_not_keep_a_batch_waiting(shop: Shop) -> None:
    hot, cold = shop.variant(stock=5), shop.variant(stock=5)
    carts = ready(shop, {hot: 1}), ready(shop, {cold: 1})
    row = Inventory.objects.get(variant=hot)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 0")  # whoever asks alone would wait for ever
        try:
            with held(row), pytest.raises(TemporarilyUnavailable):
                together(*carts)
        finally:
            cursor.execute("RESET lock_timeout")

    assert shop.inventory(cold) == (5, 0)


def test_expired_holds_of_others_are_reclaimed_first(shop: Shop) -> None:
    shirt = shop.variant(stock=2)
    late = ready(shop, {shirt: 2})
    shop.hold(shop.owner(late))
    StockReservation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    buyers = [ready(shop, {shirt: 1}) for _ in range(2)]

    outcomes = together(*buyers)

    assert all("expires_at" in one for one in outcomes.values())
    assert StockReservation.objects.get(cart=late).end_reason == "reclaimed"
    assert shop.inventory(shirt) == (2, 2)


def test_a_busy_cart_keeps_nobody_waiting(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    busy, idle = ready(shop, {shirt: 1}), ready(shop, {shirt: 1})

    with held(busy):
        outcomes = together(busy, idle)

    assert set(outcomes) == {idle.user_id}
    assert shop.inventory(shirt) == (5, 1)


def test_whoever_cannot_be_served_is_left_out(shop: Shop) -> None:
    shirt = shop.variant(stock=9)
    stale, empty, strange = (ready(shop, {shirt: 1}) for _ in range(3))
    shop.add(shirt, 1, user=shop.owner(stale))
    set_quantity(empty, 0)
    Cart.objects.filter(id=empty.id).update(validated_version=empty.version + 1)
    shop.pincode("999999")
    Address.objects.filter(user=shop.owner(strange)).update(pincode="999999")
    nobody = Cart(user_id=uuid.uuid4())
    fine = ready(shop, {shirt: 1})

    assert set(together(stale, empty, strange, nobody, fine)) == {fine.user_id}

    assert shop.inventory(shirt) == (9, 1)


def test_nobody_to_serve_changes_nothing(shop: Shop) -> None:
    assert together(Cart(user_id=uuid.uuid4()), Cart(user_id=uuid.uuid4())) == {}
