"""A request that is sent twenty times under one key acts once and is answered alike."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

from django.conf import settings

from commerce.cart.models import CartItem
from commerce.core.procedures import call
from commerce.orders.models import Order
from tests.concurrency.buying import ONE_PRICE, fill
from tests.concurrency.mutants import mutants, replaced
from tests.concurrency.racing import outcomes, pile_up
from tests.concurrency.web import Web, together
from tests.shop.builder import Shop

COPIES = 20
KEYED = "IF p_key IS NOT NULL THEN\n            INSERT"
UNKEYED = "IF FALSE THEN\n            INSERT"


def test_twenty_equal_orders_over_http_are_one(shop: Shop, web: Web) -> None:
    (customer,) = web.customers(1)
    variant = shop.variant(ONE_PRICE)
    fill([customer.address], variant)
    quote = customer.app.post("checkout", customer.where).json["quote"]
    body = customer.where | {"expected_total": quote["total"]}

    answers = together(
        [partial(customer.app.insist, "orders", body, "once") for _ in range(COPIES)], COPIES
    )

    (order,) = Order.objects.all()
    assert {one.status for one in answers} == {201}
    assert {one.text for one in answers} == {answers[0].text}
    assert answers[0].json["id"] == str(order.id)
    assert shop.inventory(variant) == (9, 0)
    shop.audit()


def test_twenty_equal_additions_over_http_are_one(shop: Shop, web: Web) -> None:
    (customer,) = web.customers(1)
    body = {"variant_id": str(shop.variant(stock=100).id), "quantity": 1}

    answers = together(
        [partial(customer.app.insist, "cart/items", body, "once") for _ in range(COPIES)], COPIES
    )

    assert Counter((one.status, one.text) for one in answers) == {(201, answers[0].text): COPIES}
    assert CartItem.objects.get().quantity == 1


def twenty_additions(shop: Shop) -> list[Any]:
    """What becomes of one keyed addition that is sent twenty times at once."""
    user, variant = shop.user(), shop.variant(stock=100)
    once = partial(
        call,
        "add_to_cart",
        p_user_id=user.id,
        p_variant_id=variant.id,
        p_quantity=1,
        p_line_max=COPIES,
        p_lines_max=settings.CART_LINES_MAX,
        p_owner=user.id,
        p_key="once",
        p_fingerprint="x",
    )
    return pile_up(user, *[once] * COPIES)


def test_a_key_lets_one_of_twenty_add(shop: Shop) -> None:
    results = twenty_additions(shop)

    assert outcomes(results) == {"ok": COPIES}
    assert sorted(one.replayed for one in results) == [False] + [True] * (COPIES - 1)
    assert CartItem.objects.get().quantity == 1


def test_without_the_key_twenty_add(shop: Shop) -> None:
    with mutants(add_to_cart=(replaced(KEYED, UNKEYED),)):
        results = twenty_additions(shop)

    assert outcomes(results) == {"ok": COPIES}
    assert CartItem.objects.get().quantity == COPIES


def twenty_orders(shop: Shop) -> list[Any]:
    """What becomes of one keyed order that is sent twenty times at once."""
    cart = shop.checked_out({shop.variant(): 1})
    user = shop.owner(cart)
    total = shop.quote(cart.id)["total"]
    key = {"p_owner": user.id, "p_key": "once", "p_fingerprint": "x"}
    once = partial(shop.create_order, cart, p_expected_total=total, **key)
    return pile_up(user, *[once] * COPIES)


def test_a_key_answers_one_order_twenty_times(shop: Shop) -> None:
    results = twenty_orders(shop)

    assert outcomes(results) == {"ok": COPIES}
    assert {one.order_id for one in results} == {Order.objects.get().id}


def test_without_the_key_one_of_twenty_is_told_of_its_order(shop: Shop) -> None:
    with mutants(create_order=(replaced(KEYED, UNKEYED),)):
        results = twenty_orders(shop)

    assert outcomes(results) == {"ok": 1, "cart_not_found": COPIES - 1}
