"""Negative controls: the same races without a lock go wrong, so the race tests can fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import psycopg
import pytest
from django.db import connection

from tests.shop.builder import Shop

BUYERS = 8
STOCK = 3


@pytest.fixture
def unguarded(shop: Shop) -> Iterator[None]:
    """A stock row and a list of sales that no constraint holds together."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE control_stock (left_over int)")
        cursor.execute("CREATE TABLE control_sales (buyer int)")
        cursor.execute("INSERT INTO control_stock VALUES (%s)", [STOCK])
        yield
        cursor.execute("DROP TABLE control_stock, control_sales")


def race(buy: Callable[[psycopg.Connection, int, Callable[[], int]], None]) -> int:
    """Let all buyers buy at once; answers how many units were sold."""
    gate = Barrier(BUYERS)

    def one(buyer: int) -> None:
        with psycopg.connect(**connection.get_connection_params()) as own:
            buy(own, buyer, lambda: gate.wait(timeout=10))

    with ThreadPoolExecutor(BUYERS) as pool:
        list(pool.map(one, range(BUYERS)))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM control_sales")
        sold: int = cursor.fetchone()[0]
    return sold


def read_then_write(own: psycopg.Connection, buyer: int, meet: Callable[[], int]) -> None:
    row = own.execute("SELECT left_over FROM control_stock").fetchone()
    assert row
    meet()
    if row[0] > 0:
        own.execute("UPDATE control_stock SET left_over = %s", [row[0] - 1])
        own.execute("INSERT INTO control_sales VALUES (%s)", [buyer])


def count_then_insert(own: psycopg.Connection, buyer: int, meet: Callable[[], int]) -> None:
    row = own.execute("SELECT count(*) FROM control_sales").fetchone()
    assert row
    meet()
    if row[0] < STOCK:
        own.execute("INSERT INTO control_sales VALUES (%s)", [buyer])


def locked(own: psycopg.Connection, buyer: int, meet: Callable[[], int]) -> None:
    meet()
    row = own.execute("SELECT left_over FROM control_stock FOR UPDATE").fetchone()
    assert row
    if row[0] > 0:
        own.execute("UPDATE control_stock SET left_over = %s", [row[0] - 1])
        own.execute("INSERT INTO control_sales VALUES (%s)", [buyer])


@pytest.mark.parametrize("buy", [read_then_write, count_then_insert])
@pytest.mark.usefixtures("unguarded")
def test_without_a_lock_more_is_sold_than_there_is(
    buy: Callable[[psycopg.Connection, int, Callable[[], int]], None],
) -> None:
    assert race(buy) == BUYERS


@pytest.mark.usefixtures("unguarded")
def test_with_the_lock_as_much_is_sold_as_there_is() -> None:
    assert race(locked) == STOCK
