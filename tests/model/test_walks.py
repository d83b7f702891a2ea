"""Walks that the machine takes too seldom to rely on, and failures that it once found.

A failure of the machine is printed as such a walk: paste it here under the name of its outcome.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings

from tests.model.machine import Shopping
from tests.model.world import LINE_MAX


@pytest.fixture
def walk(new_shop: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shopping]:
    """A shop with its model, seen to balance at the end of the walk and after the jobs."""
    monkeypatch.setattr(settings, "CART_LINE_MAX", LINE_MAX)
    shopping = Shopping()
    yield shopping
    shopping.books_balance()
    shopping.teardown()


def test_lines_of_a_cancelled_order_come_back_within_the_limit(walk: Shopping) -> None:
    walk.buy(0, "A", 2, "online", "", "")

    walk.pay_late(0, 3)

    (order,), cart = walk.books.orders, walk.books.cart_of(walk.world.buyers[0])
    assert order.status == "cancelled"
    assert cart is not None
    assert cart.lines == {"A": LINE_MAX}


def test_a_slot_whose_time_is_over_goes_to_whoever_asks_next(walk: Shopping) -> None:
    walk.check_out(0, "A", 1, "online", "FIRST")
    walk.add(1, "A", 1)

    walk.slot_runs_out(0, job=False)

    assert [slot.buyer for slot in walk.books.slots] == [walk.world.buyers[1]]
