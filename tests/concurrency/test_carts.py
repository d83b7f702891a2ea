"""A cart that changes while it is checked out or ordered becomes the order that was agreed to.

Or none: then the buyer is told why.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import Any

import pytest
from django.conf import settings

from commerce.accounts.models import Address
from commerce.cart import workflows as checkout
from commerce.cart.models import Cart, CartItem
from commerce.catalog.models import Variant
from commerce.core.procedures import Result, call
from commerce.orders.models import Order
from tests.concurrency.buying import ONE_PRICE, PRICE, buy_as_quoted, customers, place
from tests.concurrency.mutants import mutant, paused, unlocked
from tests.concurrency.racing import crowd, outcomes, overtake, tried
from tests.concurrency.sizes import size
from tests.shop.builder import Shop

ROUNDS = size(3, 40)
AGREED = 3 * PRICE * 9 / 10
TRIES, EDITED, THINKING, SEED = 10_000, 10, 0.02, 20
GUEST = "a" * 64
STALE = {"checkout_stale", "quote_changed", "coupon_slot_lost"}
GONE = {"cart_not_found", "cart_item_not_found", "cart_gone"}
BEFORE_THE_QUOTE = "-- The quote is judged where it is used, so a refused one takes no number."


@dataclass(frozen=True)
class Scene:
    """A cart of two lines with a coupon, checked out, and a third variant that it could have."""

    shop: Shop
    buyer: Address
    lines: dict[Variant, int]
    other: Variant

    @classmethod
    def set(cls, shop: Shop) -> Scene:
        """Fill the cart and hold its stock."""
        (buyer,) = customers(1)
        first, second, other = (shop.variant(ONE_PRICE, stock=100) for _ in range(3))
        lines = {first: 2, second: 1}
        shop.coupon("TENTH")
        shop.coupon("FIFTH", value=20)
        shop.checked_out(lines, user=buyer.user, address=buyer, coupon="TENTH")
        shop.add(other, token=GUEST)
        return cls(shop, buyer, lines, other)

    def change(self, variant: Variant, quantity: int) -> Result:
        """Set the quantity of a line."""
        return call(
            "update_cart_quantity",
            p_item_id=CartItem.objects.filter(variant=variant).latest("created_at").id,
            p_quantity=quantity,
            p_line_max=settings.CART_LINE_MAX,
            p_user_id=self.buyer.user_id,
        )

    def merge(self) -> Result:
        """Log in on a device with a guest's cart."""
        return call(
            "merge_carts",
            p_user_id=self.buyer.user_id,
            p_token_hash=GUEST,
            p_line_max=settings.CART_LINE_MAX,
            p_lines_max=settings.CART_LINES_MAX,
        )

    def leave(self) -> Result:
        """Let go of the held stock."""
        cart = Cart.objects.filter(user=self.buyer.user, status="open").first()
        return call("release_inventory", p_cart_id=cart and cart.id, p_reason="checkout_left")

    def order(self) -> Result:
        """Order what was checked out, at the total that was shown then."""
        return place(self.buyer, AGREED)

    def edit(self, name: str) -> Callable[[], Any]:
        """One of the things that can happen to a cart."""
        user, (first, second) = self.buyer.user, self.lines
        edits: dict[str, Callable[[], Any]] = {
            "add": partial(self.shop.add, self.other, user=user),
            "set quantity": partial(self.change, first, 1),
            "remove": partial(self.change, second, 0),
            "other coupon": partial(self.shop.apply, user, "FIFTH"),
            "no coupon": partial(call, "rollback_coupon", p_user_id=user.id, p_reason="removed"),
            "merge": self.merge,
            "check out again": partial(checkout.check_out, user.id, self.buyer.id, "online"),
            "pay in cash": partial(checkout.check_out, user.id, self.buyer.id, "cod"),
            "leave checkout": self.leave,
        }
        return edits[name]

    def assert_sound(self) -> int:
        """Assert that an order, if there is one, is what was checked out; answers how many."""
        for order in Order.objects.all():
            found = {item.variant: item.quantity for item in order.items.all()}
            assert (found, order.total, order.coupon_code) == (self.lines, AGREED, "TENTH")
        self.shop.audit()
        return Order.objects.count()


EDITS = (
    *("add", "set quantity", "remove", "other coupon", "no coupon", "merge"),
    *("check out again", "pay in cash", "leave checkout"),
)


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_cart_is_ordered_as_agreed_or_not_at_all(
    new_shop: Callable[[], Shop], edit: str
) -> None:
    for trial in range(ROUNDS):
        scene = Scene.set(new_shop())
        both = [scene.order, scene.edit(edit)]

        results = crowd(both if trial % 2 else both[::-1], threads=2)

        ordered, edited = results if trial % 2 else results[::-1]
        assert outcomes([ordered]).keys() <= {"ok"} | STALE
        assert outcomes([edited]).keys() <= {"ok"} | GONE
        assert scene.assert_sound() == outcomes([ordered])["ok"]


def test_a_cart_edited_all_the_time_is_ordered_as_quoted(
    new_shop: Callable[[], Shop],
) -> None:
    chance = random.Random(SEED)
    for _ in range(ROUNDS):
        scene, over = Scene.set(new_shop()), Event()

        def keep_editing(scene: Scene = scene, over: Event = over) -> Counter[str]:
            """Change a line, add another and remove it, some times over."""
            first, user, said = next(iter(scene.lines)), scene.buyer.user, Counter[str]()
            for _ in range(EDITED):
                if over.wait(chance.uniform(0, THINKING)):
                    break
                said += outcomes([tried(partial(scene.change, first, 1))])
                said += outcomes([tried(partial(scene.shop.add, scene.other, user=user))])
                said += outcomes([tried(partial(scene.change, scene.other, 0))])
                said += outcomes([tried(partial(scene.change, first, 2))])
            return said

        def keep_buying(scene: Scene = scene, over: Event = over) -> Counter[str]:
            """Check out and order at the total that is shown, until an order is placed."""
            said = Counter[str]()
            while not said["ok"]:
                assert said.total() < TRIES
                said += outcomes([tried(partial(buy_as_quoted, scene.buyer, "online"))])
            over.set()
            return said

        bought, edited = crowd([keep_buying, keep_editing], threads=2)

        assert bought.keys() <= {"ok"} | STALE
        assert edited.keys() <= {"ok"} | GONE
        assert Order.objects.count() == 1
        scene.shop.audit()


def swap_during_order(scene: Scene) -> list[Any]:
    """One session orders; when it is about to write, another swaps a line for one as dear."""

    def swap() -> Any:
        (_, second) = scene.lines
        scene.change(second, 0)
        return scene.edit("add")()

    return overtake(scene.order, swap)


def test_an_order_that_is_being_written_keeps_edits_waiting(shop: Shop) -> None:
    scene = Scene.set(shop)
    with mutant("create_order", paused(BEFORE_THE_QUOTE)):
        results = swap_during_order(scene)

    assert outcomes(results) == {"ok": 1, "cart_not_found": 1}
    assert scene.assert_sound() == 1


def test_without_locks_a_line_that_was_swapped_is_paid_for_and_missing(shop: Shop) -> None:
    scene = Scene.set(shop)
    with mutant("create_order", unlocked("user"), unlocked("cart"), paused(BEFORE_THE_QUOTE)):
        swap_during_order(scene)

    order = Order.objects.get()
    assert (order.total, order.items.count()) == (AGREED, 1)
