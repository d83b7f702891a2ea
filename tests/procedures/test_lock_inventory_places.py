"""`lock_inventory`: which warehouse each line is held in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from commerce.cart.models import Cart
from commerce.inventory.models import Inventory, StockReservation
from tests.shop.builder import Shop
from tests.shop.locks import held
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


def test_a_line_is_never_split_over_warehouses(shop: Shop) -> None:
    other = shop.warehouse("MYS", state="Karnataka", regions=("57", "56"))
    shirt = shop.variant(stock=4)
    cart = ready(shop, {shirt: 4})
    Inventory.objects.filter(variant=shirt).update(on_hand=3)
    shop.stock(shirt, 2, other)

    assert refused(cart)[2]["shortfalls"][0]["available"] == 3


def test_the_nearest_warehouse_that_has_all_lines_is_taken(shop: Shop) -> None:
    whole = shop.warehouse("MYS", state="Karnataka", regions=("56",), region_priority=20)
    last = shop.warehouse("HYD", state="Telangana", regions=("56",), region_priority=30)
    shirt, cap = shop.variant(stock=5), shop.variant(stock=0)
    for place in (whole, last):
        shop.stock(shirt, 5, place)
        shop.stock(cap, 5, place)
    cart = ready(shop, {shirt: 1, cap: 1})

    shop.hold(shop.owner(cart))

    assert holds(cart) == {(shirt.id, whole.id, 1, "active"), (cap.id, whole.id, 1, "active")}


def test_without_such_a_warehouse_each_line_comes_from_the_first_that_has_it(shop: Shop) -> None:
    other = shop.warehouse("MYS", state="Karnataka", regions=("56",), priority=20)
    shirt, cap = shop.variant(stock=5), shop.variant(stock=0)
    shop.stock(cap, 5, other)
    cart = ready(shop, {shirt: 1, cap: 1})

    shop.hold(shop.owner(cart))

    assert holds(cart) == {(shirt.id, shop.home.id, 1, "active"), (cap.id, other.id, 1, "active")}


def test_another_address_moves_the_hold_to_the_warehouse_that_serves_it(shop: Shop) -> None:
    north = shop.warehouse("DEL", state="Delhi", regions=("1",))
    shop.pincode("110001", city="New Delhi", state="Delhi")
    shirt = shop.variant(stock=5)
    shop.stock(shirt, 5, north)
    cart = ready(shop, {shirt: 2})
    shop.hold(shop.owner(cart))
    shop.validate(shop.owner(cart), address=shop.address(shop.owner(cart), pincode="110001"))

    shop.hold(shop.owner(cart))

    assert holds(cart) == {(shirt.id, north.id, 2, "active")}
    assert (shop.inventory(shirt), shop.inventory(shirt, north)) == ((5, 0), (5, 2))


def test_inactive_warehouses_and_ended_regions_serve_nothing(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    cart = ready(shop, {shirt: 1})
    shop.home.is_active = False
    shop.home.save()
    unserved = ("address_not_serviceable", 422, {"pincode": "560001"})
    assert refused(cart) == unserved

    shop.home.is_active = True
    shop.home.save()
    shop.home.regions.update(is_deleted=True)
    assert refused(cart) == unserved


def test_stock_that_cannot_serve_the_cart_is_not_locked(shop: Shop) -> None:
    north = shop.warehouse("DEL", state="Delhi", regions=("1",))
    shirt = shop.variant()
    shop.stock(shirt, 5, north)
    cart = ready(shop, {shirt: 1})

    with held(Inventory.objects.get(variant=shirt, warehouse=north)):
        assert shop.hold(shop.owner(cart)).cart_id == cart.id
