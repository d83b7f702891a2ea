"""The cache between real processes: two web workers, the job's worker and its beat."""

from __future__ import annotations

import http.client
import json
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from commerce.catalog.models import Variant
from tests.journeys.live import wait_until_alive
from tests.shop.builder import Shop
from tests.shop.processes import free_port, running

WORKERS, THREADS = 2, 8
READERS = 24
# The machine that tests may be busy; whoever waits for a page waits.
PATIENT = {
    "BREAKER_SLOW_SECONDS": "60",
    "REDIS_TIMEOUT_SECONDS": "10",
    "PAGE_CACHE_WAIT_SECONDS": "30",
}
VISIBLE_SECONDS = float(os.environ.get("CACHE_VISIBLE_SECONDS", "20"))  # 2 on an idle machine


@dataclass(frozen=True)
class Live:
    """The running shop."""

    port: int

    def get(self, path: str) -> Any:
        """One read on a connection of its own: its body, and how it was answered."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            link.request("GET", path)
            answer = link.getresponse()
            body = answer.read()
            assert answer.status == 200, body
            return body, answer.getheader("Cache-Status") or ""
        finally:
            link.close()

    def page(self, path: str) -> Any:
        """A page's body, parsed."""
        return json.loads(self.get(f"/api/v1/{path}")[0])

    def renderings(self, page: str) -> float:
        """So many pages of the kind all workers rendered."""
        for line in self.get("/metrics")[0].decode().splitlines():
            if line.startswith(f'page_cache_renderings_total{{page="{page}"}}'):
                return float(line.rpartition(" ")[2])
        return 0.0

    def let_in(self) -> None:
        """Ask until each worker has let this host in."""
        end = time.monotonic() + 30
        while self.renderings("categories") < WORKERS:
            assert time.monotonic() < end, "a worker was never asked"
            together([lambda: self.get("/api/v1/categories")] * READERS)


def together(requests: list[Callable[[], Any]]) -> list[Any]:
    """Send all of them at once."""
    with ThreadPoolExecutor(len(requests)) as pool:
        return [sent.result() for sent in [pool.submit(one) for one in requests]]


def seconds_until(condition: Callable[[], bool]) -> float:
    """How long it takes until it holds."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < VISIBLE_SECONDS, "it was never seen"
        time.sleep(0.02)
    return time.monotonic() - began


@pytest.fixture
def live(shop: Shop, tmp_path: Path) -> Iterator[Live]:
    """Web server, worker and beat with the cache on."""
    cache.clear()
    port, metrics = free_port(), tmp_path / "metrics"
    metrics.mkdir()
    places = {
        "DATA_DIR": str(tmp_path),
        "PAGE_CACHE": "true",
        **PATIENT,
        "PROMETHEUS_MULTIPROC_DIR": str(metrics),
    }
    size = ("--workers", str(WORKERS), "--blocking-threads", str(THREADS))
    web = ("granian", "--interface", "wsgi", *size, "--port", str(port), "config.wsgi:application")
    celery = ("celery", "-A", "config")
    beat = ("beat", "--pidfile", "", "--schedule", str(tmp_path / "schedule"))
    with ExitStack() as processes:
        for name, module in {
            "web": web,
            "worker": (*celery, "worker", "--concurrency", "1", "--without-mingle"),
            "beat": (*celery, *beat),
        }.items():
            processes.enter_context(running(tmp_path / f"{name}.log", *module, **places))
        wait_until_alive(f"http://127.0.0.1:{port}/health/live", tmp_path / "web.log")
        shop_live = Live(port)
        shop_live.let_in()
        yield shop_live


def reprice(variant: Variant, to: str) -> None:
    """A merchandiser saves another price."""
    variant.price = Decimal(to)
    variant.save()


def test_changes_are_seen_through_the_real_jobs(
    shop: Shop, live: Live, record_property: Callable[[str, object], None]
) -> None:
    variant = shop.variant("100.00", mrp="900.00", stock=3)
    path = f"products/{variant.product.slug}"
    seconds_until(lambda: len(live.page("products")["results"]) == 1)
    assert live.page(path)["price"] == "100.00"

    reprice(variant, "50.00")
    on_page = seconds_until(lambda: live.page(path)["price"] == "50.00")
    reprice(variant, "60.00")
    on_list = seconds_until(lambda: live.page("products")["results"][0]["price"] == "60.00")
    shop.checked_out({variant: 3})
    sold_out = seconds_until(lambda: live.page(path)["variants"][0]["available"] == 0)
    on_card = seconds_until(lambda: not live.page("products")["results"][0]["in_stock"])

    seen = {"page": on_page, "list": on_list, "sold out": sold_out, "card": on_card}
    record_property("seconds until seen", seen)
    for _ in range(WORKERS * THREADS):  # whichever worker is asked
        assert live.page(path)["price"] == "60.00"
        assert live.page(path)["variants"][0]["available"] == 0


def test_one_worker_renders_for_all(shop: Shop, live: Live) -> None:
    for _ in range(12):
        shop.variant("100.00", mrp="900.00")
    seconds_until(lambda: len(live.page("products")["results"]) == 12)
    before = live.renderings("search")

    answers = together([lambda: live.get("/api/v1/search?q=product")] * READERS)

    assert len({body for body, _ in answers}) == 1
    assert live.renderings("search") == before + 1
