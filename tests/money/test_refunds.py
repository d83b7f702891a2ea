"""Lines refunded piece by piece, in any order, come to the same paisa as refunded at once."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import assume, given
from hypothesis import strategies as st

from commerce.core.procedures import ProcedureError, Result, call
from commerce.orders.models import Order, OrderItem
from commerce.payments.models import Payment, Refund, RefundItem
from tests.money.baskets import Basket, NewShop, baskets
from tests.money.buying import checked_out, delivered
from tests.money.limits import many
from tests.shop.builder import Shop
from tests.shop.refusals import refusal

Units = dict[UUID, int]


def refunding(order: Order, units: Units) -> dict[str, Any]:
    """The parameters of a refund of these units."""
    items = [{"order_item_id": str(line), "quantity": n} for line, n in units.items()]
    return {"p_order_id": order.id, "p_items": items, "p_provider": "sandbox"}


def pieces(lines: list[OrderItem], chance: random.Random) -> Iterator[Units]:
    """Every unit of the lines, in any order, a few at a time."""
    units = [line.id for line in lines for _ in range(line.quantity)]
    chance.shuffle(units)
    while units:
        taken, units = units[: (n := chance.randint(1, 4))], units[n:]
        yield dict(Counter(taken))


def told(shop: Shop, refund: Refund, kind: str) -> Result:
    """The provider's word on a refund."""
    payment = refund.payment
    return shop.settle(
        shop.event(
            payment,
            kind,
            p_provider=refund.provider,
            p_provider_payment_id=payment.provider_payment_id,
            p_provider_refund_id=f"rf_{refund.id.hex}",
            p_refund_id=refund.id,
            p_amount=refund.amount,
        )
    )


def paid_back(lines: list[OrderItem]) -> dict[UUID, Decimal]:
    """What refunds that have not failed come to, by line."""
    back: dict[UUID, Decimal] = defaultdict(Decimal)
    for item in RefundItem.objects.filter(order_item__in=lines).exclude(refund__status="failed"):
        back[item.order_item_id] += item.amount
    return back


@many(20)
@given(
    basket=baskets(largest=500),
    chance=st.randoms(use_true_random=False),
    failing=st.sets(st.integers(0, 9), max_size=4),
)
def test_lines_refunded_piece_by_piece_come_to_the_same_as_at_once(
    new_shop: NewShop, settings: Any, basket: Basket, chance: random.Random, failing: set[int]
) -> None:
    assume(basket.total > 0)
    settings.COD_MAX_TOTAL = 10**9
    shop = new_shop()
    order = delivered(shop, checked_out(shop, basket))
    lines = list(order.items.order_by("id"))
    worthless: Units = Counter()

    todo = list(pieces(lines, chance))
    for turn, units in enumerate(todo):
        try:
            made = call("initiate_refund", **refunding(order, units))
        except ProcedureError as refused:
            if refused.code != "bad_amount":  # a piece worth less than half a paisa
                raise
            worthless.update(units)
            continue
        failed = turn in failing
        told(
            shop,
            Refund.objects.get(id=made.refund_id),
            f"refund.{'failed' if failed else 'processed'}",
        )
        if failed:
            todo.append(units)

    back = paid_back(lines)
    for line in lines:
        if line.id in worthless and back[line.id] < line.line_total:
            call("initiate_refund", **refunding(order, {line.id: worthless[line.id]}))
    back = paid_back(lines)
    assert {line.id: back[line.id] for line in lines} == {
        line.id: line.line_total for line in lines
    }
    spent = next((line for line in lines if line.id not in worthless), None)
    if spent:
        again = refusal("initiate_refund", **refunding(order, {spent.id: 1}))
        assert again[0] == "refund_quantity_exceeded"
    rest = call("initiate_refund", p_order_id=order.id, p_provider="sandbox")
    assert (rest.amount, basket.total - basket.goods + basket.discount) == (
        basket.fees,
        basket.fees,
    )


@many(10)
@given(basket=baskets(largest=500))
def test_all_lines_refunded_at_once_come_to_the_goods(
    new_shop: NewShop, settings: Any, basket: Basket
) -> None:
    assume(basket.goods > basket.discount)
    settings.COD_MAX_TOTAL = 10**9
    shop = new_shop()
    order = delivered(shop, checked_out(shop, basket))
    lines = list(order.items.all())

    made = call("initiate_refund", **refunding(order, {line.id: line.quantity for line in lines}))

    assert made.amount == basket.goods - basket.discount
    assert paid_back(lines) == {line.id: line.line_total for line in lines}


@many(12)
@given(
    basket=baskets(largest=500),
    asked=st.lists(
        st.one_of(
            st.none(),
            st.integers(1, 100_000).map(lambda n: Decimal(n) / 100),
            st.dictionaries(st.integers(0, 4), st.integers(1, 11), min_size=1, max_size=3),
        ),
        min_size=2,
        max_size=8,
    ),
    failing=st.sets(st.integers(0, 7), max_size=3),
)
def test_refunds_of_any_kind_in_any_order_never_exceed_the_capture(
    new_shop: NewShop, settings: Any, basket: Basket, asked: list[Any], failing: set[int]
) -> None:
    assume(basket.total > 0)
    settings.COD_MAX_TOTAL = 10**9
    shop = new_shop()
    order = delivered(shop, checked_out(shop, basket))
    lines = list(order.items.order_by("id"))
    payment = Payment.objects.get(order=order)

    for turn, wish in enumerate(asked):
        part: dict[str, Any] = {"p_order_id": order.id, "p_provider": "sandbox"}
        if isinstance(wish, Decimal):
            part["p_amount"] = wish
        elif wish is not None:
            units = Counter[UUID]()
            for index, quantity in wish.items():
                units[lines[index % len(lines)].id] += quantity
            part = refunding(order, units)
        before = paid_out(payment)
        try:
            made = call("initiate_refund", **part)
        except ProcedureError:
            assert paid_out(payment) == before
            continue
        assert made.amount == paid_out(payment) - before
        assert paid_out(payment) <= payment.captured_amount == basket.total
        if wish is None:
            assert paid_out(payment) == payment.captured_amount
        if turn in failing and made.refund_id:
            told(shop, Refund.objects.get(id=made.refund_id), "refund.failed")
            assert paid_out(payment) == before


def paid_out(payment: Payment) -> Decimal:
    """What refunds that have not failed come to."""
    return sum(
        (one.amount for one in Refund.objects.filter(payment=payment).exclude(status="failed")),
        Decimal(0),
    )
