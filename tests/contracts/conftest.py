"""A shop that an app can reach, for every drill of a module."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connections

from tests.concurrency.web import LIMITS, UNLIMITED
from tests.contracts.app_client import Places
from tests.contracts.fuzz_shop import Known, stock_up
from tests.journeys.live import wait_until_alive
from tests.shop.builder import Shop
from tests.shop.fixtures import empty_tables
from tests.shop.processes import free_port, running

BRISK = {
    "OTP_COOLDOWN_SECONDS": "2",
    "OTP_SENDS_PER_IP_HOUR": "1000",
    "IDEMPOTENCY_WAIT_SECONDS": "0.1",
    "RETRY_AFTER_SECONDS": "1",
    **{f"RATE_LIMIT_{name}": UNLIMITED for name in LIMITS},
}
HASTY = {"ACCESS_TOKEN_SECONDS": "1"}


@pytest.fixture(scope="module")
def known(django_db_setup: None, django_db_blocker: Any) -> Iterator[Known]:
    """A shop with something of every kind, for all tests of a module."""
    with django_db_blocker.unblock():
        yield stock_up(Shop())
        empty_tables()
        cache.clear()
        connections.close_all()


@pytest.fixture(scope="module")
def places(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Places]:
    """Two web servers and a worker over one small shop; the second's logins last a second."""
    folder = tmp_path_factory.mktemp("app")
    with django_db_blocker.unblock(), ExitStack() as processes:
        shop = Shop()
        for price in ("499.00", "799.00", "1299.00"):
            shop.variant(price, mrp="1499.00", stock=50)
        shop.shipping_rule("0", "79.00", "49.00")
        call_command("shelf", rebuild=True)
        ports = {name: free_port() for name in ("web", "hasty")}
        serving = ("granian", "--interface", "wsgi", "--blocking-threads", "8", "--port")
        modules = {
            name: (*serving, str(port), "config.wsgi:application") for name, port in ports.items()
        }
        worker = ("celery", "-A", "config", "worker", "--concurrency", "1", "--without-mingle")
        for name, module in {**modules, "worker": worker}.items():
            more = BRISK | {"DATA_DIR": str(folder)} | (HASTY if name == "hasty" else {})
            processes.enter_context(running(folder / f"{name}.log", *module, **more))
        for name, port in ports.items():
            wait_until_alive(f"http://127.0.0.1:{port}/health/live", folder / f"{name}.log")
        web, hasty = (f"http://127.0.0.1:{port}" for port in ports.values())
        yield Places(web, hasty, folder / "sms", folder, settings.PAYMENT_SANDBOX_SECRET)
        processes.close()
        empty_tables()
        cache.clear()
        connections.close_all()
