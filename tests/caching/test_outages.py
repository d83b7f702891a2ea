"""Without Redis, or with one that hangs, pages are read from the database, and no read fails."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pytest_django.fixtures import Settings

from commerce.core.breaker import ASKED, CACHE, circuit
from tests.caching.conftest import A_WHILE, Reader
from tests.shop.builder import Shop
from tests.shop.outages import OUTAGES, OwnRedis

READS = 6


def unanswered() -> float:
    """So many questions Redis left open until their time-out, or refused to take."""
    return sum(
        sample.value
        for sample in next(iter(ASKED.collect())).samples
        if sample.name.endswith("_total")
        and sample.labels == {"server": CACHE, "outcome": "failed"}
    )


@pytest.mark.parametrize("outage", OUTAGES)
def test_reads_are_answered_from_the_database(
    shop: Shop, redis: OwnRedis, reader: Reader, settings: Settings, outage: str
) -> None:
    variant = shop.variant("100.00", mrp="900.00")
    path = f"products/{variant.product.slug}"
    reader.follow()
    reader.get(path)
    settings.PAGE_CACHE_BLIND_SECONDS = 0.0

    OUTAGES[outage](redis)
    variant.price = Decimal("50.00")
    variant.save()
    waits, answers = [], []
    for _ in range(READS):
        before = unanswered()
        answers.append(reader.get("products?sort=price"))
        waits.append(unanswered() - before)
    reader.forget_here()
    page = reader.get(path)

    assert [one.status_code for one in answers] == [200] * READS
    assert {one.json()["results"][0]["price"] for one in answers} == {"50.00"}
    assert max(waits) <= 1  # time-out of 0.2 seconds in any one read
    assert sum(waits) <= settings.BREAKER_FAILURES
    if outage in {"stopped", "hung"}:
        assert page.json()["price"] == "50.00"
        assert circuit(CACHE).state == "open"


def test_absence_is_answered_without_redis(shop: Shop, redis: OwnRedis, reader: Reader) -> None:
    redis.kill()

    answers = [reader.get("products/no-such-thing") for _ in range(3)]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [
        (404, "product_not_found")
    ] * 3


def test_process_tells_its_own_pages_for_a_moment(
    shop: Shop, redis: OwnRedis, reader: Reader, settings: Settings
) -> None:
    reader.follow()
    redis.kill()
    reader.get("home")

    settings.PAGE_CACHE_BLIND_SECONDS = A_WHILE
    within = reader.how("home")
    settings.PAGE_CACHE_BLIND_SECONDS = 0.0

    assert (within, reader.how("home")) == ("hit", "rendered")


def test_pages_are_kept_again_when_redis_goes_on(
    shop: Shop, redis: OwnRedis, reader: Reader, settings: Settings
) -> None:
    reader.follow()
    reader.get("home")
    settings.PAGE_CACHE_BLIND_SECONDS = 0.0
    redis.hang()
    for _ in range(READS):
        reader.get("home")
    while_hung = reader.how("home")

    redis.resume()
    circuit(CACHE).breaker.close()
    reader.follow()
    settings.PAGE_CACHE_BLIND_SECONDS = A_WHILE
    reader.get("home")
    reader.forget_here()

    assert while_hung == "rendered"
    assert [reader.how("home"), reader.how("home")] == ["shared hit", "hit"]
