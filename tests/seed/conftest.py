"""A small made-up shop that the tests of this folder look at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.db import connection, connections
from django.utils import timezone

from commerce.catalog.models import Category, HomeSection, ProductImage
from commerce.seed import catalogue, history, network, people, shopfront
from commerce.seed.pictures import draw
from commerce.seed.scale.load import load
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


def bulk(products: int, orders: int, random_seed: int = 7) -> None:
    """Load a shop whose history ended at noon yesterday."""
    noon = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)
    world = World(
        random_seed=random_seed,
        customers=orders // 5,
        products=products,
        months=6,
        now=noon - timedelta(days=1),
        say=lambda line: None,
    )
    load(world, orders)


def rows(statement: str) -> list[tuple[Any, ...]]:
    """Return what a SELECT finds."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


@pytest.fixture(scope="module")
def large(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A shop in bulk that the tests of a module only add to."""
    with django_db_blocker.unblock():
        bulk(300, 1000)
        yield
        empty_tables()
        cache.clear()
        connections.close_all()


def pictures_named() -> set[str]:
    """Every picture that a row of the shop names."""
    banners = HomeSection.objects.filter(kind="banner").values_list("content__image", flat=True)
    return {
        *ProductImage.objects.values_list("image", flat=True),
        *Category.objects.values_list("image", flat=True),
        *banners,
    }


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all pictures, drawn once."""
    folder = tmp_path_factory.mktemp("static") / "pictures"
    draw(folder)
    return folder
