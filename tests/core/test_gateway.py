"""The gateway: answers, refusals, and what becomes of each way a call can be cut short."""

from __future__ import annotations

import logging
import time
import uuid
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from commerce.catalog.models import Variant
from commerce.core.errors import ProblemError
from commerce.core.procedures import (
    CallInsideTransaction,
    ProcedureError,
    Result,
    TemporarilyUnavailable,
    call,
)
from commerce.core.reviewed.signature import UnknownProcedure
from commerce.inventory.models import StockDocument
from tests.shop.builder import Shop

PATIENCE_SECONDS = 10


def receipt(variant: Variant, shop: Shop, **changes: Any) -> Result:
    """Five pieces arrive."""
    arguments = {
        "p_kind": "receipt",
        "p_reference": "GRN-1",
        "p_lines": [{"sku": variant.sku, "warehouse": shop.home.code, "quantity": 5}],
        "p_actor_id": None,
    }
    return call("increase_inventory", **(arguments | changes))


def keyed() -> dict[str, object]:
    """A fresh idempotency key of a member of staff."""
    return {"p_owner": uuid.uuid4(), "p_key": str(uuid.uuid4()), "p_fingerprint": "f" * 64}


def code_for(phone: str, **changes: object) -> Result:
    """Asks for a login code."""
    arguments = {
        "p_phone": phone,
        "p_ip": "203.0.113.7",
        "p_code_hash": "0" * 64,
        "p_ttl_seconds": 300,
        "p_cooldown_seconds": 30,
        "p_phone_limit": 5,
        "p_ip_limit": 30,
        "p_max_failures": 5,
        "p_failure_window_seconds": 3600,
    }
    return call("send_otp", **(arguments | changes))


def hold_stock(other: psycopg.Connection[Any], variant: Variant) -> None:
    """The bystander locks the variant's stock."""
    other.execute("SELECT FROM inventory WHERE variant_id = %s FOR UPDATE", [variant.id])


def waiting_call(other: psycopg.Connection[Any]) -> int:
    """The process of the call that waits for the bystander's lock, as soon as it waits."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        row = other.execute(
            "SELECT pid FROM pg_locks "
            "WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
        ).fetchone()
        if row:
            return int(row[0])
        time.sleep(0.02)
    raise TimeoutError("no call waits for a lock")


def lines(caplog: pytest.LogCaptureFixture) -> list[tuple[Any, ...]]:
    """Procedure, outcome, SQLSTATE and attempt of each line the gateway logged."""
    return [
        (one.procedure, one.outcome, one.sqlstate, one.attempt)  # type: ignore[attr-defined]
        for one in caplog.records
        if one.name == "commerce.procedures"
    ]


def test_answer_is_the_row_of_results(shop: Shop) -> None:
    # given
    variant = shop.variant(stock=10)
    # when
    result = receipt(variant, shop)
    # then
    assert result.document_id == StockDocument.objects.get().id
    assert result["units"] == 5
    assert dict(result) == {"document_id": result.document_id, "units": 5, "replayed": False}
    assert shop.inventory(variant) == (15, 0)


def test_answer_has_no_other_names_and_is_read_only(shop: Shop) -> None:
    result = receipt(shop.variant(), shop)
    with pytest.raises(AttributeError, match="answers no 'o_units'"):
        _ = result.o_units
    with pytest.raises(AttributeError, match="read-only"):
        result.units = 6


def test_refusal_carries_code_status_and_figures(shop: Shop) -> None:
    # given
    variant = shop.variant(stock=10)
    # when
    with pytest.raises(ProcedureError) as refused:
        receipt(variant, shop, p_lines=[{"sku": "NO-SUCH", "warehouse": "BLR", "quantity": 5}])
    # then
    assert (refused.value.code, refused.value.status) == ("sku_not_found", 404)
    assert refused.value.context["sku"] == "NO-SUCH"
    assert shop.inventory(variant) == (10, 0)


def test_refusal_for_a_time_says_how_long(shop: Shop) -> None:
    code_for("+919811111111")
    with pytest.raises(ProcedureError) as refused:
        code_for("+919811111111")
    assert (refused.value.code, refused.value.status) == ("otp_cooldown", 429)
    assert refused.value.retry_after == refused.value.context["retry_after_seconds"]
    assert 1 <= (refused.value.retry_after or 0) <= 30


def test_call_inside_a_transaction_is_refused(shop: Shop) -> None:
    variant = shop.variant(stock=10)
    with transaction.atomic(), pytest.raises(CallInsideTransaction, match="outside atomic"):
        receipt(variant, shop)
    assert shop.inventory(variant) == (10, 0)


@pytest.mark.parametrize(
    "name", ["no_such", "", "increase_inventory()--", "../x", "*", "pg_sleep", "INCREASE_INVENTORY"]
)
def test_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(UnknownProcedure):
        call(name)


def test_wrong_parameters_are_a_programming_error() -> None:
    with pytest.raises(TypeError, match="increase_inventory has no parameter p_colour"):
        call("increase_inventory", p_colour="red")
    with pytest.raises(TypeError, match="send_otp needs p_code_hash"):
        call("send_otp", p_phone="+919811111111")
    with pytest.raises(TypeError, match="needs an integer, not bool"):
        code_for("+919811111111", p_ttl_seconds=True)


@pytest.mark.parametrize(
    ("procedure", "change", "code", "pointer"),
    [
        ("send_otp", {"p_ttl_seconds": 2**31}, "number_out_of_range", "/ttl_seconds"),
        ("send_otp", {"p_ttl_seconds": -(2**31) - 1}, "number_out_of_range", "/ttl_seconds"),
        ("send_otp", {"p_phone": "a\0b"}, "invalid_text", "/phone"),
        ("send_otp", {"p_phone": "\ud800"}, "invalid_text", "/phone"),
        ("create_order", {"p_user_id": "zz"}, "invalid_uuid", "/user_id"),
        (
            "create_order",
            {"p_expected_total": Decimal("Infinity")},
            "number_out_of_range",
            "/expected_total",
        ),
        (
            "create_order",
            {"p_expected_total": Decimal(10) ** 10},
            "number_out_of_range",
            "/expected_total",
        ),
        ("increase_inventory", {"p_lines": [{"sku": "\0"}]}, "invalid_text", "/lines/0/sku"),
    ],
)
def test_value_that_postgresql_would_refuse_is_refused_by_name(
    procedure: str, change: dict[str, object], code: str, pointer: str
) -> None:
    ready: dict[str, dict[str, object]] = {
        "send_otp": {
            "p_phone": "+919811111111",
            "p_ip": "203.0.113.7",
            "p_code_hash": "0",
            "p_ttl_seconds": 1,
            "p_cooldown_seconds": 1,
            "p_phone_limit": 1,
            "p_ip_limit": 1,
            "p_max_failures": 1,
            "p_failure_window_seconds": 1,
        },
        "create_order": {
            "p_user_id": uuid.uuid4(),
            "p_address_id": uuid.uuid4(),
            "p_payment_method": "cod",
            "p_expected_total": Decimal(1),
            "p_payment_window_seconds": 1,
        },
        "increase_inventory": {"p_kind": "receipt", "p_reference": "R", "p_lines": []},
    }
    with pytest.raises(ProblemError) as refused:
        call(procedure, **(ready[procedure] | change))
    assert (refused.value.code, refused.value.status) == (code, 400)
    assert [one["pointer"] for one in refused.value.errors] == [pointer]


def test_lock_timeout_is_told_as_busy(
    shop: Shop, bystander: psycopg.Connection[Any], caplog: pytest.LogCaptureFixture
) -> None:
    # given a call that waits for at most 100 ms
    variant = shop.variant(stock=10)
    hold_stock(bystander, variant)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
    caplog.set_level(logging.INFO)
    # when
    with pytest.raises(TemporarilyUnavailable) as busy:
        receipt(variant, shop)
    # then
    assert (busy.value.status, busy.value.code) == (503, "temporarily_unavailable")
    assert busy.value.retry_after == 2
    assert lines(caplog) == [("increase_inventory", "lock_timeout", "55P03", 1)]
    assert shop.inventory(variant) == (10, 0)


def test_log_line_tells_the_call_but_no_value(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    code_for("+919822222222")
    (record,) = [one for one in caplog.records if one.name == "commerce.procedures"]
    assert lines(caplog) == [("send_otp", "ok", "", 1)]
    assert record.duration_ms > 0  # type: ignore[attr-defined]
    assert "9822222222" not in str(vars(record))
