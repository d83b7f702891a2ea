"""`decrease_inventory` as a write-off: booked once per reference, never what buyers hold."""

from __future__ import annotations

from typing import Any

import pytest

from commerce.core.models import IdempotencyKey
from commerce.core.procedures import Result, call
from commerce.inventory.models import Inventory, StockDocument
from tests.shop.builder import Shop
from tests.shop.locks import assert_locks, at_once
from tests.shop.refusals import refusal
from tests.shop.stock import movements

NAME = "decrease_inventory"


def line(sku: str, quantity: Any, warehouse: str = "BLR") -> dict[str, Any]:
    """One line of a write-off."""
    return {"sku": sku, "warehouse": warehouse, "quantity": quantity}


def write_off(shop: Shop, *lines: dict[str, Any], **params: Any) -> Result:
    """Write the lines off under the reference WO-1 unless told otherwise."""
    return call(NAME, **({"p_reference": "WO-1", "p_lines": list(lines)} | params))


def test_a_write_off_is_booked_with_its_document(shop: Shop) -> None:
    shirt, cap, clerk = shop.variant(stock=5), shop.variant(stock=3), shop.staff()

    result = write_off(
        shop,
        line(shirt.sku, 1),
        line(cap.sku, 3),
        line(shirt.sku, 1),
        p_reason="torn",
        p_actor_id=clerk.id,
    )

    assert (result.units, result.replayed) == (5, False)
    document = StockDocument.objects.get(id=result.document_id)
    assert (document.kind, document.reference, document.reason) == ("write_off", "WO-1", "torn")
    assert document.created_by == clerk
    assert document.lines == sorted(
        [line(shirt.sku, 2), line(cap.sku, 3)], key=lambda one: one["sku"]
    )
    assert (shop.inventory(shirt), shop.inventory(cap)) == ((3, 0), (0, 0))
    assert (movements(shirt), movements(cap)) == ([("write_off", -2, 3)], [("write_off", -3, 0)])
    assert set(document.entries.values_list("created_by", flat=True)) == {clerk.id}


def test_the_same_reference_and_lines_answer_the_first_document(shop: Shop) -> None:
    shirt, cap = shop.variant(stock=5), shop.variant(stock=5)
    first = write_off(shop, line(shirt.sku, 2), line(cap.sku, 1))

    again = write_off(shop, line(cap.sku, 1), line(shirt.sku, 2))

    assert (again.document_id, again.units, again.replayed) == (first.document_id, 3, True)
    assert (shop.inventory(shirt), shop.inventory(cap)) == ((3, 0), (4, 0))


def test_the_same_reference_with_other_lines_is_refused(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    write_off(shop, line(shirt.sku, 2))

    assert refusal(NAME, p_reference="WO-1", p_lines=[line(shirt.sku, 3)]) == (
        "reference_reused",
        409,
        {"reference": "WO-1"},
    )
    assert shop.inventory(shirt) == (3, 0)


def test_one_reference_at_the_same_moment_is_booked_once(shop: Shop) -> None:
    shirt = shop.variant(stock=5)

    results = at_once(*[lambda: write_off(shop, line(shirt.sku, 2))] * 3)

    assert sorted(one.replayed for one in results if isinstance(one, Result)) == [
        False,
        True,
        True,
    ]
    assert shop.inventory(shirt) == (3, 0)


def test_held_stock_cannot_be_written_off(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    shop.checked_out({shirt: 4})

    assert refusal(NAME, p_reference="WO-1", p_lines=[line(shirt.sku, 2)]) == (
        "stock_reserved",
        409,
        {"sku": shirt.sku, "warehouse": "BLR", "on_hand": 5, "reserved": 4, "requested": 2},
    )
    assert shop.inventory(shirt) == (5, 4)
    assert StockDocument.objects.count() == 0


def test_stock_that_is_nowhere_cannot_be_written_off(shop: Shop) -> None:
    shirt = shop.variant(stock=0)

    code, _, context = refusal(NAME, p_reference="WO-1", p_lines=[line(shirt.sku, 1)])

    assert (code, context["on_hand"], context["reserved"]) == ("stock_reserved", 0, 0)


def test_unknown_names_are_not_found(shop: Shop) -> None:
    shirt = shop.variant()

    assert refusal(NAME, p_reference="WO-1", p_lines=[line("NO-SUCH", 1)]) == (
        "sku_not_found",
        404,
        {"sku": "NO-SUCH"},
    )
    assert refusal(NAME, p_reference="WO-1", p_lines=[line(shirt.sku, 1, "NIL")]) == (
        "warehouse_not_found",
        404,
        {"warehouse": "NIL"},
    )


@pytest.mark.parametrize("quantity", [0, -1, 10**12, "2", None, True])
def test_impossible_quantities_are_refused(shop: Shop, quantity: Any) -> None:
    shirt = shop.variant()

    code, status, context = refusal(NAME, p_reference="WO-1", p_lines=[line(shirt.sku, quantity)])

    assert (code, status, context["sku"]) == ("bad_quantity", 422, shirt.sku)


@pytest.mark.parametrize("lines", [None, []])
def test_a_write_off_without_lines_is_refused(shop: Shop, lines: Any) -> None:
    assert refusal(NAME, p_reference="WO-1", p_lines=lines) == (
        "bad_quantity",
        422,
        {"sku": None, "quantity": None},
    )


def test_a_key_answers_its_first_call(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    key = {"p_owner": shop.staff().id, "p_key": shop.key(), "p_fingerprint": "f1"}
    first = write_off(shop, line(shirt.sku, 2), **key)

    again = write_off(shop, line(shirt.sku, 2), **key)

    assert (again.document_id, again.units, again.replayed) == (first.document_id, 2, True)
    assert shop.inventory(shirt) == (3, 0)
    kept = IdempotencyKey.objects.get(key=key["p_key"])
    assert (kept.procedure, kept.result_id) == (NAME, first.document_id)


def test_a_key_with_another_request_is_refused(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    key = {"p_owner": shop.staff().id, "p_key": shop.key()}
    write_off(shop, line(shirt.sku, 2), p_fingerprint="f1", **key)

    assert refusal(
        NAME, p_reference="WO-2", p_lines=[line(shirt.sku, 1)], p_fingerprint="f2", **key
    ) == ("key_reused", 422, {"procedure": NAME})
    assert shop.inventory(shirt) == (3, 0)


def test_one_key_at_the_same_moment_acts_once(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    key = {"p_owner": shop.staff().id, "p_key": shop.key(), "p_fingerprint": "f1"}

    results = at_once(*[lambda: write_off(shop, line(shirt.sku, 2), **key)] * 2)

    assert sorted(one.replayed for one in results if isinstance(one, Result)) == [False, True]
    assert len({one.document_id for one in results if isinstance(one, Result)}) == 1
    assert shop.inventory(shirt) == (3, 0)


def test_a_refusal_leaves_no_key(shop: Shop) -> None:
    key = {"p_owner": shop.staff().id, "p_key": shop.key(), "p_fingerprint": "f1"}

    refusal(NAME, p_reference="WO-1", p_lines=[line("NO-SUCH", 1)], **key)

    assert not IdempotencyKey.objects.filter(key=key["p_key"]).exists()


def test_the_stock_is_locked(shop: Shop) -> None:
    shirt = shop.variant()
    stock = Inventory.objects.get(variant=shirt)

    assert_locks(stock, NAME, p_reference="WO-1", p_lines=[line(shirt.sku, 1)])
