"""Calls that a deadlock, a cut or a dead server ended: repeated, or told as unknown."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, connection
from pytest_django.fixtures import Settings

from commerce.core.procedures import (
    OutcomeUnknown,
    Result,
    TemporarilyUnavailable,
)
from tests.core.test_gateway import (
    PATIENCE_SECONDS,
    hold_stock,
    keyed,
    lines,
    receipt,
    waiting_call,
)
from tests.shop.builder import Shop


def deadlock(other: psycopg.Connection[Any], owner: object, key: object) -> None:
    """The bystander waits for the key of a call that waits for the bystander's lock."""
    waiting_call(other)
    other.execute("SET deadlock_timeout = '60s'")  # the call looks after one second, and yields
    other.execute(
        "INSERT INTO idempotency_keys (owner, key, fingerprint, procedure) VALUES (%s, %s, '', '')",
        [owner, key],
    )


def test_deadlock_is_tried_again(
    shop: Shop,
    bystander: psycopg.Connection[Any],
    beside: Callable[[Callable[[], Any]], Future[Any]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    # given a call that is the first to see the deadlock, and so its victim
    variant, by_key = shop.variant(stock=10), keyed()
    hold_stock(bystander, variant)
    caplog.set_level(logging.INFO)
    waiting = beside(lambda: receipt(variant, shop, **by_key))
    # when
    deadlock(bystander, by_key["p_owner"], by_key["p_key"])
    bystander.rollback()
    # then
    assert waiting.result(PATIENCE_SECONDS).units == 5
    assert lines(caplog) == [
        ("increase_inventory", "conflict", "40P01", 1),
        ("increase_inventory", "ok", "", 2),
    ]
    assert shop.inventory(variant) == (15, 0)


def test_deadlock_that_stays_is_told_as_busy(
    shop: Shop,
    bystander: psycopg.Connection[Any],
    beside: Callable[[Callable[[], Any]], Future[Any]],
    settings: Settings,
) -> None:
    settings.PROCEDURE_ATTEMPTS = 1
    variant, by_key = shop.variant(stock=10), keyed()
    hold_stock(bystander, variant)
    waiting = beside(lambda: receipt(variant, shop, **by_key))
    deadlock(bystander, by_key["p_owner"], by_key["p_key"])
    with pytest.raises(TemporarilyUnavailable):
        waiting.result(PATIENCE_SECONDS)
    assert shop.inventory(variant) == (10, 0)


@pytest.mark.parametrize(
    ("interrupt", "state"), [("pg_terminate_backend", "57P01"), ("pg_cancel_backend", "57014")]
)
def test_interrupted_call_is_repeated_with_its_key(
    shop: Shop,
    bystander: psycopg.Connection[Any],
    beside: Callable[[Callable[[], Any]], Future[Any]],
    caplog: pytest.LogCaptureFixture,
    interrupt: str,
    state: str,
) -> None:
    # given
    variant, by_key = shop.variant(stock=10), keyed()
    hold_stock(bystander, variant)
    caplog.set_level(logging.INFO)
    waiting = beside(lambda: receipt(variant, shop, **by_key))
    # when
    bystander.execute(f"SELECT {interrupt}(%s)", [waiting_call(bystander)])
    bystander.rollback()
    # then
    assert waiting.result(PATIENCE_SECONDS).units == 5
    assert lines(caplog) == [
        ("increase_inventory", "unknown", state, 1),
        ("increase_inventory", "ok", "", 2),
    ]
    assert shop.inventory(variant) == (15, 0)


def test_interrupted_call_without_a_key_is_told_as_unknown(
    shop: Shop,
    bystander: psycopg.Connection[Any],
    beside: Callable[[Callable[[], Any]], Future[Any]],
) -> None:
    # given
    variant = shop.variant(stock=10)
    hold_stock(bystander, variant)

    def interrupted_then_again() -> tuple[OutcomeUnknown, Result]:
        with pytest.raises(OutcomeUnknown) as unknown:
            receipt(variant, shop)
        return unknown.value, receipt(variant, shop)

    waiting = beside(interrupted_then_again)
    # when
    bystander.execute("SELECT pg_terminate_backend(%s)", [waiting_call(bystander)])
    bystander.rollback()
    # then the next call has a connection again
    unknown, result = waiting.result(PATIENCE_SECONDS)
    assert (unknown.status, unknown.code, unknown.retry_after) == (503, "outcome_unknown", 2)
    assert result.units == 5


def test_unreachable_database_is_told_as_busy(
    shop: Shop, beside: Callable[[Callable[[], Any]], Future[Any]]
) -> None:
    # given
    variant = shop.variant(stock=10)

    def without_server() -> None:
        connection.settings_dict = connection.settings_dict | {"PORT": "1"}
        try:
            receipt(variant, shop)
        finally:
            connection.settings_dict = connection.settings_dict | {"PORT": port}

    port = connection.settings_dict["PORT"]
    # when, then
    with pytest.raises(TemporarilyUnavailable):
        beside(without_server).result(PATIENCE_SECONDS)


def test_unforeseen_error_is_logged_whole_and_raised(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    # given an actor that does not exist
    variant = shop.variant(stock=10)
    # when
    with pytest.raises(IntegrityError):
        receipt(variant, shop, p_actor_id=uuid.uuid4())
    # then
    (record,) = [one for one in caplog.records if one.name == "commerce.procedures"]
    assert (record.levelname, record.sqlstate) == ("ERROR", "23503")  # type: ignore[attr-defined]
    assert record.exc_info
    assert shop.inventory(variant) == (10, 0)
