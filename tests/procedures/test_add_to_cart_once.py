"""`add_to_cart`: one effect per key, nothing lost between buyers' tabs, and the rows it locks."""

from __future__ import annotations

from typing import Any

import pytest

from commerce.accounts.models import User
from commerce.cart.models import Cart, CartItem
from commerce.catalog.models import Variant
from commerce.core.models import IdempotencyKey
from commerce.core.procedures import Result, call
from tests.shop.adding import adding
from tests.shop.builder import Shop
from tests.shop.locks import after_waiting, assert_locks, at_once
from tests.shop.refusals import refusal

NAME = "add_to_cart"


def keyed(user: User, variant: Variant, **params: Any) -> dict[str, Any]:
    """The parameters of one add of two units under a key."""
    key = {"p_owner": user.id, "p_key": "k-1", "p_fingerprint": "f-1"}
    return adding(variant, 2, p_user_id=user.id) | key | params


def test_repeating_a_key_answers_the_first_line_and_adds_nothing(shop: Shop) -> None:
    user, variant = shop.user(), shop.variant()
    first = call(NAME, **keyed(user, variant))

    again = call(NAME, **keyed(user, variant))

    assert dict(again) == dict(first) | {"replayed": True}
    assert (CartItem.objects.get().quantity, Cart.objects.get().version) == (2, 2)
    key = IdempotencyKey.objects.get()
    assert (key.procedure, key.result_id) == (NAME, first.item_id)


def test_repeating_a_key_after_the_cart_was_ordered_opens_no_new_cart(shop: Shop) -> None:
    user, variant = shop.user(), shop.variant()
    first = call(NAME, **keyed(user, variant))
    Cart.objects.update(status="ordered")

    again = call(NAME, **keyed(user, variant))

    assert again.cart_id == first.cart_id
    assert Cart.objects.count() == 1


def test_key_with_another_request_is_refused(shop: Shop) -> None:
    user, variant = shop.user(), shop.variant()
    call(NAME, **keyed(user, variant))

    said = refusal(NAME, **keyed(user, variant, p_fingerprint="f-2"))

    assert said == ("key_reused", 422, {"procedure": NAME})
    assert CartItem.objects.get().quantity == 2


def test_a_refusal_leaves_the_key_free(shop: Shop) -> None:
    user, variant = shop.user(), shop.variant(stock=1)
    refused = refusal(NAME, **keyed(user, variant))
    shop.stock(variant, 1)

    added = call(NAME, **keyed(user, variant))

    assert (refused[0], added.replayed) == ("insufficient_stock", False)


@pytest.mark.parametrize("guest", [False, True])
def test_one_key_twice_at_once_adds_once(shop: Shop, guest: bool) -> None:
    user, variant = shop.user(), shop.variant()
    whose = {"p_user_id": None, "p_token_hash": "c" * 64} if guest else {}

    answers = at_once(*[lambda: call(NAME, **keyed(user, variant, **whose))] * 4)

    results = [one for one in answers if isinstance(one, Result)]
    assert [one.replayed for one in results].count(False) == 1
    assert len({one.item_id for one in results}) == 1
    assert (len(results), CartItem.objects.get().quantity) == (4, 2)


def test_adds_at_once_without_keys_share_one_cart_and_lose_nothing(shop: Shop) -> None:
    user, variant = shop.user(), shop.variant()

    answers = at_once(*[lambda: call(NAME, **adding(variant, p_user_id=user.id))] * 4)

    assert all(isinstance(one, Result) for one in answers)
    assert (Cart.objects.get().version, CartItem.objects.get().quantity) == (5, 4)


def test_user_cart_and_line_are_locked(shop: Shop) -> None:
    user, variant = shop.user(), shop.variant()
    params = adding(variant, p_user_id=user.id)
    call(NAME, **params)

    assert_locks(user, NAME, **params)
    assert_locks(Cart.objects.get(), NAME, **params)
    assert_locks(CartItem.objects.get(), NAME, **params)
    assert CartItem.objects.get().quantity == 1


@pytest.mark.parametrize("guest", [False, True])
def test_add_that_waited_while_the_cart_was_closed_finds_it_gone(shop: Shop, guest: bool) -> None:
    owner = {"p_token_hash": "d" * 64} if guest else {"p_user_id": shop.user().id}
    params = adding(shop.variant(), **owner)
    call(NAME, **params)
    cart = Cart.objects.get()

    refused = after_waiting(lambda: call(NAME, **params), cart, status="merged")

    assert (refused.code, refused.status) == ("cart_gone", 410)
    assert CartItem.objects.get().quantity == 1
