"""The cache switched on, with nothing in it, and a reader who hears of each change at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

from commerce.catalog import tasks
from commerce.core.caching import following, judging, local
from commerce.core.caching.following import Seen
from commerce.core.caching.middleware import RENDERED, TOLD
from tests.shop.builder import Shop

A_WHILE = 60.0
AN_HOUR = 3_600.0
said: Seen = Seen()


def watcher(_since: datetime) -> Seen:
    """What the test says has changed, without asking a table that it holds."""
    return said


class Reader:
    """Who reads pages in this process."""

    def __init__(self) -> None:
        self.forget_here()

    def forget_here(self) -> None:
        """A process that has just started, to which this host has been let in."""
        for known in (judging.changes, local.held, local.flights):
            known.cache_clear()
        self.client = Client()
        self.client.get("/api/v1/categories")

    def get(self, path: str, **headers: str) -> Any:
        """One read."""
        return self.client.get(f"/api/v1/{path}", headers=headers)

    def how(self, path: str, **headers: str) -> str:
        """How a read was answered."""
        before = outcomes()
        self.get(path, **headers)
        (outcome,) = outcomes().keys() - {
            one for one, count in before.items() if outcomes()[one] == count
        }
        return outcome

    @staticmethod
    def follow() -> None:
        """The job that runs each second."""
        tasks.keep_shelf()

    @staticmethod
    def say(*tags: str) -> None:
        """Something changed, told without a look into the database."""
        said.tags = set(tags)
        following.follow(datetime.now().astimezone)


@contextmanager
def locked(table: str) -> Iterator[None]:
    """Nobody can read the table: whoever renders from it waits."""
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        try:
            yield
        finally:
            other.rollback()


def waiting() -> int:
    """So many connections wait for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        number: int = cursor.fetchone()[0]
    return number


def outcomes() -> dict[str, float]:
    """So many reads were answered so, whatever the page."""
    found: dict[str, float] = {}
    for sample in next(iter(TOLD.collect())).samples:
        if sample.name.endswith("_total"):
            outcome = sample.labels["outcome"]
            found[outcome] = found.get(outcome, 0) + sample.value
    return found


def renderings() -> float:
    """So many pages were rendered to be kept."""
    samples = next(iter(RENDERED.collect())).samples
    return sum(one.value for one in samples if one.name.endswith("_total"))


@pytest.fixture
def reader(shop: Shop, settings: Settings) -> Iterator[Reader]:
    """Somebody who reads, while the job has run and nothing is old by the clock."""
    cache.clear()
    settings.PAGE_CACHE = True
    settings.PAGE_CACHE_POLL_SECONDS = 0.0
    settings.PAGE_CACHE_BLIND_SECONDS = A_WHILE
    settings.PAGE_CACHE_HEARD_SECONDS = AN_HOUR
    settings.PAGE_CACHE_SECONDS = A_WHILE
    settings.PAGE_CACHE_WAIT_SECONDS = A_WHILE
    settings.BREAKER_SLOW_SECONDS = A_WHILE  # the machine that tests may be busy
    yield Reader()
    for known in (judging.changes, local.held, local.flights):
        known.cache_clear()


@pytest.fixture
def own_news(settings: Settings) -> None:
    """Only what the test says has changed."""
    said.tags = set()
    settings.PAGE_CACHE_WATCHERS = ["tests.caching.conftest.watcher"]
