"""No page is told for more than two seconds after a change, whatever becomes of the job."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from django.conf import settings as shop_settings
from django.db import connection
from django_redis import get_redis_connection
from pytest_django.fixtures import Settings

from commerce.core.caching import names
from commerce.core.caching.following import follow
from commerce.core.caching.judging import Changes, Verdict, changes
from commerce.core.caching.page import Page, now
from tests.caching.conftest import AN_HOUR, Reader, locked, waiting
from tests.caching.test_changes import read_alone, until
from tests.shop.builder import Shop

BEGAN = 1_000_000.0
LONG = 600.0


def shown(at: float) -> Page:
    """A page that shows one product."""
    return Page(at=at, seconds=30.0, tags=("p:1",))


@pytest.mark.parametrize(
    ("rendered", "after", "verdict"),
    [
        (-10.0, 1.79, Verdict.FRESH),  # heard lately
        (-10.0, 1.81, Verdict.GONE),  # it may have changed just after the last hearing
        (1.2, 2.1, Verdict.FRESH),
        (1.2, 2.4, Verdict.STALE),
        (1.2, 2.51, Verdict.GONE),
    ],
)
def test_page_ends_within_two_seconds_of_what_was_heard_last(
    rendered: float, after: float, verdict: Verdict
) -> None:
    heard = Changes()
    heard.heard = BEGAN

    assert heard.judge(shown(BEGAN + rendered), BEGAN + after) is verdict


def test_times_stay_within_the_two_seconds_that_are_promised() -> None:
    blind = shop_settings.PAGE_CACHE_BLIND_SECONDS + shop_settings.PAGE_CACHE_OUTDATED_SECONDS

    assert blind <= shop_settings.PAGE_CACHE_HEARD_SECONDS <= 2.0 - 0.2


def test_what_is_committed_while_the_job_reads_does_not_count_as_heard(
    reader: Reader, own_news: None
) -> None:
    redis = get_redis_connection("default")
    reader.say()
    read: list[float] = []

    def reached() -> datetime:
        seconds, micros = redis.time()
        read.append(seconds + micros / 1_000_000)
        return datetime.now().astimezone()

    follow(reached)

    assert float(redis.get(names.heard())) <= read[0]


@pytest.mark.parametrize(("heard", "verdict"), [(AN_HOUR, Verdict.STALE), (0.0, Verdict.GONE)])
def test_outdated_page_has_no_grace_after_a_silence(
    reader: Reader, own_news: None, settings: Settings, heard: float, verdict: Verdict
) -> None:
    reader.say()
    changes().hear()
    page = shown(now())
    settings.PAGE_CACHE_OUTDATED_SECONDS = LONG
    settings.PAGE_CACHE_HEARD_SECONDS = heard

    reader.say("p:1")
    changes().hear()

    assert changes().judge(page, now()) is verdict


def test_change_that_is_said_again_prolongs_no_grace(
    reader: Reader, own_news: None, settings: Settings
) -> None:
    reader.say()
    changes().hear()
    page = shown(now())
    settings.PAGE_CACHE_OUTDATED_SECONDS = LONG
    reader.say("p:1")
    changes().hear()
    first = changes().changed["p:1"]

    reader.say("p:1", names.EVERYTHING)
    changes().hear()

    assert changes().changed["p:1"] > first
    assert changes().judge(page, first + LONG - 0.1) is Verdict.STALE
    assert changes().judge(page, first + LONG) is Verdict.GONE


@pytest.mark.parametrize(("grace", "status"), [(LONG, 200), (0.0, 503)])
def test_outdated_page_is_told_where_the_view_fails_only_within_its_grace(
    shop: Shop, reader: Reader, own_news: None, settings: Settings, grace: float, status: int
) -> None:
    path = f"products/{shop.variant('100.00').product.slug}"
    reader.say()
    reader.get(path)
    settings.PAGE_CACHE_OUTDATED_SECONDS = LONG
    reader.say("products")

    with ThreadPoolExecutor(1) as pool, locked("categories"):
        reading = pool.submit(read_alone, reader, path)
        until(lambda: waiting() == 1)
        settings.PAGE_CACHE_OUTDATED_SECONDS = grace
        cancel_who_waits()
        assert reading.result().status_code == status


def cancel_who_waits() -> None:
    """End the statements that wait for a lock, as a timeout would."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        )


def test_waiting_tag_is_said_though_a_run_died_before_it_said_it(
    shop: Shop, reader: Reader, own_news: None
) -> None:
    redis = get_redis_connection("default")
    reader.say()
    reader.get("products")
    assert reader.how("products") == "hit"
    redis.sadd(names.due(), "lists")
    said = redis.dump(names.changes())
    redis.set(names.changes(), "nothing can be said")
    reader.say()

    redis.restore(names.changes(), 0, said, replace=True)
    reader.say()

    assert reader.how("products") == "rendered"
    assert redis.smembers(names.due()) == set()
