"""How the books are read: checks of the same rows in one pass, large books over connections."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Event
from typing import Any

import pytest
from django.db import connection

from commerce.audit import invariants as reading
from commerce.audit.invariants import readings, violations
from commerce.audit.promises import Invariant, invariants, passes, sources
from commerce.inventory.models import Inventory
from commerce.orders.models import Order
from tests.audit.conftest import Broken
from tests.shop.builder import Shop

LINES = (
    "coupon_shares_add_up",
    "line_taxes_add_up",
    "order_totals_add_up",
    "orders_are_paid",
    "steps_have_their_time",
    "stock_follows_order",
)


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even an empty shop's books count as large."""
    monkeypatch.setattr(reading, "LARGE", -2)


@contextmanager
def others_writing() -> Iterator[None]:
    """Another session uses up transactions meanwhile, so that no two snapshots are alike."""
    done = Event()

    def write() -> None:
        with closing(connection.copy()) as own, own.cursor() as cursor:
            while not done.is_set():
                cursor.execute("SELECT pg_current_xact_id()")

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        try:
            yield
        finally:
            done.set()
    writing.result()


def test_every_invariant_is_in_one_pass() -> None:
    checked = [name for one in passes(invariants()) for name in one.invariants]

    assert sorted(checked) == [one.name for one in invariants()]
    assert [one.invariants for one in passes(invariants()) if len(one.invariants) > 1] == [LINES]


def test_every_source_is_read_by_several_checks() -> None:
    for source in sources():
        assert sum(f"\nFROM {source}\n" in one.sql for one in invariants()) > 1, source


def test_one_row_may_break_several_checks_of_a_pass(order: Order, broken: Broken) -> None:
    order.items.update(cgst=0, sgst=0, coupon_share=0)

    assert set(broken()) == {
        ("coupon_shares_add_up", "orders", order.id),
        ("line_taxes_add_up", "orders", order.id),
    }


def test_large_books_are_read_over_several_connections(
    shop: Shop, large: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.AUDIT_CONNECTIONS = 3
    waits = "SELECT '', '', NULL, pg_backend_pid()::text FROM pg_sleep(0.2)"
    slow = tuple(Invariant(f"slow_{number}", "", "", waits) for number in range(3))
    monkeypatch.setattr(reading, "invariants", lambda: slow)

    assert len({one.detail for one in violations()}) == 3
    assert connection.get_autocommit() is True


def test_all_connections_see_one_snapshot_grant_the_same_time_and_write_nothing(
    shop: Shop, large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = """
    SELECT '', '', NULL, pg_current_snapshot() || current_setting('audit.overdue_before')
        || current_setting('transaction_isolation') || current_setting('transaction_read_only')
    FROM pg_sleep(0.1)
    """
    slow = tuple(Invariant(f"slow_{number}", "", "", looks) for number in range(4))
    monkeypatch.setattr(reading, "invariants", lambda: slow)

    with others_writing():
        (seen,) = {one.detail for one in violations()}

    assert seen.endswith("repeatable readon")


def test_what_one_of_several_connections_finds_is_told(shop: Shop, large: None) -> None:
    Inventory.objects.filter(variant=shop.variant("10.00", stock=5)).update(on_hand=6, reserved=1)

    assert [one.invariant for one in violations()] == [
        "on_hand_equals_ledger",
        "reserved_equals_holds",
    ]


def test_a_pass_that_fails_on_another_connection_fails_the_audit(
    shop: Shop, large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = tuple(
        Invariant(f"bad_{number}", "", "", "SELECT 1 / 0 FROM pg_sleep(0.1)") for number in (1, 2)
    )
    monkeypatch.setattr(reading, "invariants", lambda: bad)

    with pytest.raises(Exception, match="division by zero"):
        readings()

    assert connection.get_autocommit() is True
