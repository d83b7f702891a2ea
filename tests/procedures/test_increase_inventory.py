"""`increase_inventory`: what arrives is booked once per reference; a count may correct it."""

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

NAME = "increase_inventory"


def line(sku: str, quantity: Any, warehouse: str = "BLR") -> dict[str, Any]:
    """One line of a document."""
    return {"sku": sku, "warehouse": warehouse, "quantity": quantity}


def receipt(*lines: dict[str, Any], **params: Any) -> dict[str, Any]:
    """The parameters of a receipt GRN-1 of the lines, unless told otherwise."""
    return {"p_kind": "receipt", "p_reference": "GRN-1", "p_lines": list(lines)} | params


def correction(*lines: dict[str, Any], **params: Any) -> dict[str, Any]:
    """The parameters of a correction COUNT-1 of the lines, unless told otherwise."""
    return {"p_kind": "correction", "p_reference": "COUNT-1", "p_lines": list(lines)} | params


def test_a_receipt_is_booked_with_its_document(shop: Shop) -> None:
    shirt, cap, clerk = shop.variant(stock=5), shop.variant(stock=0), shop.staff()

    result = call(
        NAME,
        **receipt(
            line(shirt.sku, 3),
            line(cap.sku, 7),
            line(shirt.sku, 1),
            p_reason="spring",
            p_actor_id=clerk.id,
        ),
    )

    assert (result.units, result.replayed) == (11, False)
    document = StockDocument.objects.get(id=result.document_id)
    assert (document.kind, document.reference, document.reason) == ("receipt", "GRN-1", "spring")
    assert document.created_by == clerk
    assert document.lines == sorted(
        [line(shirt.sku, 4), line(cap.sku, 7)], key=lambda one: one["sku"]
    )
    assert (shop.inventory(shirt), shop.inventory(cap)) == ((9, 0), (7, 0))
    assert (movements(shirt), movements(cap)) == ([("receipt", 4, 9)], [("receipt", 7, 7)])
    assert set(document.entries.values_list("created_by", flat=True)) == {clerk.id}


def test_each_warehouse_gets_its_own(shop: Shop) -> None:
    other = shop.warehouse("MYS", state="Karnataka")
    shirt = shop.variant(stock=5)

    call(NAME, **receipt(line(shirt.sku, 2, "MYS"), line(shirt.sku, 1)))

    assert (shop.inventory(shirt), shop.inventory(shirt, other)) == ((6, 0), (2, 0))


def test_a_correction_goes_both_ways(shop: Shop) -> None:
    shirt, cap = shop.variant(stock=5), shop.variant(stock=5)

    result = call(NAME, **correction(line(shirt.sku, -2), line(cap.sku, 3)))

    assert result.units == 1
    assert (shop.inventory(shirt), shop.inventory(cap)) == ((3, 0), (8, 0))
    assert (movements(shirt), movements(cap)) == ([("correction", -2, 3)], [("correction", 3, 8)])


def test_a_correction_takes_nothing_that_buyers_hold(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    shop.checked_out({shirt: 4})

    assert refusal(NAME, **correction(line(shirt.sku, -2))) == (
        "stock_reserved",
        409,
        {"sku": shirt.sku, "warehouse": "BLR", "on_hand": 5, "reserved": 4, "requested": -2},
    )
    assert shop.inventory(shirt) == (5, 4)
    assert StockDocument.objects.count() == 0

    call(NAME, **correction(line(shirt.sku, -1)))
    assert shop.inventory(shirt) == (4, 4)


def test_the_same_reference_and_lines_answer_the_first_document(shop: Shop) -> None:
    shirt, cap = shop.variant(stock=5), shop.variant(stock=5)
    first = call(NAME, **receipt(line(shirt.sku, 2), line(cap.sku, 1)))

    again = call(NAME, **receipt(line(cap.sku, 1), line(shirt.sku, 2)))

    assert (again.document_id, again.units, again.replayed) == (first.document_id, 3, True)
    assert (shop.inventory(shirt), shop.inventory(cap)) == ((7, 0), (6, 0))


def test_the_same_reference_of_another_kind_is_another_document(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    first = call(NAME, **receipt(line(shirt.sku, 2)))

    second = call(NAME, **correction(line(shirt.sku, 2), p_reference="GRN-1"))

    assert second.document_id != first.document_id
    assert shop.inventory(shirt) == (9, 0)


def test_the_same_reference_with_other_lines_is_refused(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    call(NAME, **receipt(line(shirt.sku, 2)))

    assert refusal(NAME, **receipt(line(shirt.sku, 3))) == (
        "reference_reused",
        409,
        {"reference": "GRN-1"},
    )
    assert shop.inventory(shirt) == (7, 0)


def test_one_reference_at_the_same_moment_is_booked_once(shop: Shop) -> None:
    shirt = shop.variant(stock=0)

    results = at_once(*[lambda: call(NAME, **receipt(line(shirt.sku, 2)))] * 3)

    assert sorted(one.replayed for one in results if isinstance(one, Result)) == [
        False,
        True,
        True,
    ]
    assert shop.inventory(shirt) == (2, 0)


def test_first_stock_of_one_variant_by_two_receipts_adds_up(shop: Shop) -> None:
    shirt, cap = shop.variant(stock=0), shop.variant(stock=0)

    results = at_once(
        lambda: call(NAME, **receipt(line(shirt.sku, 2), line(cap.sku, 2))),
        lambda: call(NAME, **receipt(line(cap.sku, 3), line(shirt.sku, 3), p_reference="GRN-2")),
    )

    assert [type(one) for one in results] == [Result, Result]
    assert (shop.inventory(shirt), shop.inventory(cap)) == ((5, 0), (5, 0))


@pytest.mark.parametrize("kind", ["write_off", "sale", None])
def test_only_receipts_and_corrections_are_booked(shop: Shop, kind: str | None) -> None:
    shirt = shop.variant()

    assert refusal(NAME, **receipt(line(shirt.sku, 1), p_kind=kind)) == (
        "bad_document_kind",
        422,
        {"kind": kind},
    )


@pytest.mark.parametrize("quantity", [0, -1, 10**12, "2", None])
def test_a_receipt_needs_whole_pieces(shop: Shop, quantity: Any) -> None:
    shirt = shop.variant()

    code, status, context = refusal(NAME, **receipt(line(shirt.sku, quantity)))

    assert (code, status, context["sku"]) == ("bad_quantity", 422, shirt.sku)


def test_a_correction_needs_a_difference(shop: Shop) -> None:
    shirt = shop.variant()

    assert refusal(NAME, **correction(line(shirt.sku, 2), line(shirt.sku, -2))) == (
        "bad_quantity",
        422,
        {"sku": shirt.sku, "quantity": 0},
    )


def test_a_document_without_lines_is_refused(shop: Shop) -> None:
    assert refusal(NAME, **receipt()) == ("bad_quantity", 422, {"sku": None, "quantity": None})


def test_unknown_and_deleted_names_are_not_found(shop: Shop) -> None:
    shirt = shop.variant()
    assert refusal(NAME, **receipt(line("NO-SUCH", 1))) == (
        "sku_not_found",
        404,
        {"sku": "NO-SUCH"},
    )
    assert refusal(NAME, **receipt(line(shirt.sku, 1, "NIL"))) == (
        "warehouse_not_found",
        404,
        {"warehouse": "NIL"},
    )

    shop.home.is_deleted = True
    shop.home.save()
    assert refusal(NAME, **receipt(line(shirt.sku, 1)))[0] == "warehouse_not_found"
    shirt.is_deleted = True
    shirt.save()
    assert refusal(NAME, **receipt(line(shirt.sku, 1)))[0] == "sku_not_found"


def test_a_key_answers_its_first_call(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    key = {"p_owner": shop.staff().id, "p_key": shop.key(), "p_fingerprint": "f1"}
    first = call(NAME, **receipt(line(shirt.sku, 2), **key))

    again = call(NAME, **receipt(line(shirt.sku, 2), **key))

    assert (again.document_id, again.units, again.replayed) == (first.document_id, 2, True)
    assert shop.inventory(shirt) == (7, 0)
    kept = IdempotencyKey.objects.get(key=key["p_key"])
    assert (kept.procedure, kept.result_id) == (NAME, first.document_id)


def test_a_key_with_another_request_is_refused(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    key = {"p_owner": shop.staff().id, "p_key": shop.key()}
    call(NAME, **receipt(line(shirt.sku, 2), p_fingerprint="f1", **key))

    other = receipt(line(shirt.sku, 1), p_reference="GRN-2", p_fingerprint="f2", **key)
    assert refusal(NAME, **other) == ("key_reused", 422, {"procedure": NAME})
    assert shop.inventory(shirt) == (7, 0)


def test_one_key_at_the_same_moment_acts_once(shop: Shop) -> None:
    shirt = shop.variant(stock=5)
    key = {"p_owner": shop.staff().id, "p_key": shop.key(), "p_fingerprint": "f1"}

    results = at_once(*[lambda: call(NAME, **receipt(line(shirt.sku, 2), **key))] * 2)

    assert sorted(one.replayed for one in results if isinstance(one, Result)) == [False, True]
    assert len({one.document_id for one in results if isinstance(one, Result)}) == 1
    assert shop.inventory(shirt) == (7, 0)


def test_the_stock_is_locked(shop: Shop) -> None:
    shirt = shop.variant()

    assert_locks(Inventory.objects.get(variant=shirt), NAME, **receipt(line(shirt.sku, 1)))
