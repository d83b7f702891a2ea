"""A small made-up shop that the tests of this folder look at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.db import connections

from commerce.seed import catalogue, history, network, people, shopfront
from commerce.seed.world import World
from tests.shop.fixtures import empty_tables

NOON = datetime(2026, 3, 18, 12, tzinfo=ZoneInfo("Asia/Kolkata"))


def made_up(random_seed: int = 7) -> World:
    """Fill the empty database with forty products, fifteen customers and a month of trade."""
    world = World(
        random_seed=random_seed,
        customers=15,
        products=40,
        months=1,
        now=NOON,
        say=lambda line: None,
    )
    for build in (network.build, catalogue.build, shopfront.build, people.build, history.unfold):
        build(world)
    return world


@pytest.fixture
def empty(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A database without rows, emptied again afterwards."""
    with django_db_blocker.unblock():
        yield
        empty_tables()
        cache.clear()
        connections.close_all()


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """One made-up shop for all tests of a module, which only read it."""
    with django_db_blocker.unblock():
        yield made_up()
        empty_tables()
        cache.clear()
        connections.close_all()
