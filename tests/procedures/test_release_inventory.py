"""`release_inventory`: holds end once, and what they held can be sold again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from commerce.cart.models import Cart
from commerce.catalog.models import Variant
from commerce.core.models import SagaStep
from commerce.core.procedures import Result, call
from commerce.inventory.models import Inventory, StockReservation
from commerce.orders.models import Order
from tests.shop.builder import Shop
from tests.shop.locks import assert_locks, at_once
from tests.shop.refusals import refusal

NAME = "release_inventory"


def release(**of: Any) -> int:
    """The number of holds that one call ends, for the reason `test`."""
    return int(call(NAME, **({"p_reason": "test"} | of)).released)


def cancelled(shop: Shop, lines: dict[Any, int]) -> Order:
    """An order cancelled before it was paid, its stock still held."""
    order = shop.placed(lines)
    call("cancel_order", p_order_id=order.id, p_actor_kind="customer", p_reason="wish")
    return order


def expire(cart: Cart, *variants: Variant) -> None:
    """Let the time of the cart's holds on the variants be over."""
    StockReservation.objects.filter(cart=cart, variant__in=variants).update(
        expires_at=timezone.now() - timedelta(seconds=1)
    )


def ends(**of: Any) -> list[tuple[UUID, str, str]]:
    """(variant, status, end reason) of the holds."""
    return sorted(
        StockReservation.objects.filter(**of).values_list("variant_id", "status", "end_reason")
    )


def test_the_holds_of_a_cart_are_released(shop: Shop) -> None:
    shirt, cap = shop.variant(stock=5), shop.variant(stock=3)
    cart = shop.checked_out({shirt: 2, cap: 3})

    assert release(p_cart_id=cart.id) == 2

    assert (shop.inventory(shirt), shop.inventory(cap)) == ((5, 0), (3, 0))
    assert ends(cart=cart) == sorted([(shirt.id, "released", "test"), (cap.id, "released", "test")])
    assert not StockReservation.objects.filter(cart=cart, ended_at=None).exists()


def test_only_expired_holds_end_where_only_they_are_meant(shop: Shop) -> None:
    shirt, cap = shop.variant(stock=5), shop.variant(stock=3)
    cart = shop.checked_out({shirt: 2, cap: 3})
    expire(cart, shirt)

    assert release(p_cart_id=cart.id, p_only_expired=True) == 1

    assert (shop.inventory(shirt), shop.inventory(cap)) == ((5, 0), (3, 3))
    assert ends(cart=cart) == sorted([(shirt.id, "expired", "test"), (cap.id, "active", "")])


def test_holds_bound_to_an_order_are_not_the_carts_to_release(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    order = shop.placed({shirt: 2})
    expire(order.cart, shirt)

    assert release(p_cart_id=order.cart_id) == 0
    assert release(p_cart_id=order.cart_id, p_only_expired=True) == 0

    assert shop.inventory(shirt) == (5, 2)
    assert ends(order=order) == [(shirt.id, "active", "")]


def test_the_holds_of_a_cancelled_order_are_released(shop: Shop) -> None:
    shirt, cap = shop.variant(stock=5), shop.variant(stock=3)
    order = cancelled(shop, {shirt: 2, cap: 1})
    step = SagaStep.objects.get(step=NAME, subject_id=order.id)
    assert (step.status, shop.inventory(shirt)) == ("pending", (5, 2))

    assert release(p_order_id=order.id) == 2

    assert (shop.inventory(shirt), shop.inventory(cap)) == ((5, 0), (3, 0))
    assert ends(order=order) == sorted(
        [(shirt.id, "released", "test"), (cap.id, "released", "test")]
    )
    step.refresh_from_db()
    assert step.status == "done"
    assert step.finished_at is not None


def test_other_buyers_keep_their_holds(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    mine, other = shop.checked_out({shirt: 2}), shop.checked_out({shirt: 3})

    release(p_cart_id=mine.id)

    assert shop.inventory(shirt) == (5, 3)
    assert ends(cart=other) == [(shirt.id, "active", "")]


def test_a_second_call_finds_nothing(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    order = cancelled(shop, {shirt: 2})
    release(p_order_id=order.id)

    assert release(p_order_id=order.id, p_reason="again") == 0

    assert shop.inventory(shirt) == (5, 0)
    assert ends(order=order) == [(shirt.id, "released", "test")]


def test_a_cart_without_holds_and_no_cart_at_all_are_harmless(shop: Shop) -> None:
    user = shop.user()
    cart = shop.cart(user, {shop.variant(): 1})

    assert release(p_cart_id=cart.id) == 0
    assert release(p_cart_id=user.id) == 0


def test_an_unknown_order_is_not_found(shop: Shop) -> None:
    nowhere = shop.user().id

    assert refusal(NAME, p_order_id=nowhere) == ("order_not_found", 404, {"order_id": str(nowhere)})


def test_a_living_order_keeps_its_holds(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    order = shop.placed({shirt: 2})

    assert refusal(NAME, p_order_id=order.id) == (
        "order_not_cancelled",
        409,
        {"status": "pending_payment"},
    )
    assert shop.inventory(shirt) == (5, 2)


def test_holds_are_released_once_by_many_calls(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    order = cancelled(shop, {shirt: 2})

    results = at_once(*[lambda: call(NAME, p_order_id=order.id)] * 3)

    assert sorted(one.released for one in results if isinstance(one, Result)) == [0, 0, 1]
    assert shop.inventory(shirt) == (5, 0)


def test_releasing_and_reclaiming_at_the_same_moment_frees_the_stock_once(shop: Shop) -> None:
    shirts = [shop.variant(stock=2) for _ in range(3)]
    lines = dict.fromkeys(shirts, 1)
    sleeper, user = shop.checked_out(lines), shop.user()
    shop.cart(user, dict.fromkeys(reversed(shirts), 1))
    shop.validate(user)
    expire(sleeper, *shirts)

    results = at_once(
        lambda: shop.hold(user),
        lambda: call(NAME, p_cart_id=sleeper.id, p_only_expired=True),
    )

    assert [type(one) for one in results] == [Result, Result]
    assert [shop.inventory(one) for one in shirts] == [(2, 1)] * 3
    assert {status for _, status, _ in ends(cart=sleeper)} == {"expired"}


def test_cart_order_stock_and_holds_are_locked(shop: Shop) -> None:
    shirt = shop.variant()
    cart = shop.checked_out({shirt: 1})
    stock = Inventory.objects.get(variant=shirt)

    assert_locks(cart, NAME, p_cart_id=cart.id)
    assert_locks(stock, NAME, p_cart_id=cart.id)
    assert_locks(StockReservation.objects.get(cart=cart), NAME, p_cart_id=cart.id)

    order = cancelled(shop, {shop.variant(): 1})
    assert_locks(order, NAME, p_order_id=order.id)
