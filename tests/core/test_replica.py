"""Public reads go to the replica while it is well; nobody notices when it isn't."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from prometheus_client import REGISTRY
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from commerce.catalog.models import Variant
from commerce.catalog.shelf import keeping
from commerce.core.replica.routing import REPLICA
from tests.shop.builder import Shop
from tests.shop.replicas import OwnReplica


def served(server: str) -> float:
    """How many public reads it answered."""
    return REGISTRY.get_sample_value("public_reads_total", {"server": server}) or 0.0


def price(path: str) -> str:
    """The price that the page or the first card shows."""
    answer = APIClient().get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.content
    body = answer.json()
    return str(body["results"][0]["price"] if "results" in body else body["price"])


@pytest.fixture
def behind(replica: OwnReplica, shop: Shop) -> Iterator[Variant]:
    """A variant whose price went from 500 to 650 after the replica stopped replaying."""
    variant = shop.variant("500.00", mrp="900.00")
    keeping.rebuild()
    replica.pause()
    Variant.objects.filter(pk=variant.pk).update(price="650.00")
    yield variant
    replica.go_on()


@pytest.mark.parametrize("path", ["products", "products/{slug}", "search?q=product"])
def test_public_reads_go_to_the_replica(behind: Variant, path: str) -> None:
    before = served(REPLICA)

    shown = price(path.format(slug=behind.product.slug))

    assert (shown, served(REPLICA) - before) == ("500.00", 1)


@pytest.mark.parametrize("path", ["products", "products/{slug}", "search?q=product"])
def test_a_replica_too_far_behind_is_not_read(
    behind: Variant, settings: Settings, path: str
) -> None:
    settings.REPLICA_LAG_MAX_SECONDS = 0.0

    assert price(path.format(slug=behind.product.slug)) == "650.00"
