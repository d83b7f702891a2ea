"""A Redis of a test's own, to be stopped, hung, filled and emptied without harm to others."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from celery import current_app
from django_redis import get_redis_connection
from pytest_django.fixtures import Settings
from redis import Redis as Client

from commerce.core.breaker import CACHE, QUEUE, circuit
from commerce.core.servers.places import Places
from commerce.core.servers.redis import Redis
from tests.shop.builder import Shop

SECONDS = 10


class OwnRedis:
    """One server, and what can happen to it."""

    def __init__(self, folder: Path) -> None:
        places = Places(folder, "18", throwaway=True)
        for needed in (places.locks, places.logs):
            needed.mkdir(parents=True, exist_ok=True)
        self.server = Redis(places)
        self.pid = 0
        self.cache_url = f"unix://{places.redis_socket}?db=0"
        self.broker_url = f"redis+socket://{places.redis_socket}?virtual_host=1"

    @property
    def client(self) -> Client:
        """A connection of our own."""
        return Client.from_url(self.cache_url, socket_timeout=SECONDS)

    @property
    def queue(self) -> Client:
        """The same, to the queue."""
        return Client.from_url(self.cache_url.replace("db=0", "db=1"), socket_timeout=SECONDS)

    def start(self) -> None:
        """Start it, empty."""
        self.server.start()
        self.pid = int(self.client.info("server")["process_id"])

    def kill(self) -> None:
        """kill -9."""
        os.kill(self.pid, signal.SIGKILL)
        end = time.monotonic() + SECONDS
        while self.server.running():
            assert time.monotonic() < end, "it would not die"
            time.sleep(0.01)

    def hang(self) -> None:
        """It takes connections and answers nobody."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """It goes on where it hung."""
        os.kill(self.pid, signal.SIGCONT)

    def flush(self) -> None:
        """Everything in it is gone, the queue too."""
        self.client.flushall()

    def fill(self) -> None:
        """It has no room for anything more."""
        self.client.config_set("maxmemory", "1")

    @contextmanager
    def running(self) -> Iterator[OwnRedis]:
        """It runs until the block ends, whatever happened to it."""
        self.start()
        try:
            yield self
        finally:
            if self.server.running():
                self.resume()
                self.server.stop()
            shutil.rmtree(self.server.places.sockets, ignore_errors=True)


OUTAGES: MappingProxyType[str, Callable[[OwnRedis], None]] = MappingProxyType(
    {"stopped": OwnRedis.kill, "hung": OwnRedis.hang, "emptied": OwnRedis.flush}
    | {"full": OwnRedis.fill}
)


@contextmanager
def queue_at(url: str) -> Iterator[None]:
    """This process hands its jobs over there."""
    before = current_app.conf.broker_write_url
    current_app.conf.broker_write_url = url
    try:
        yield
    finally:
        current_app.conf.broker_write_url = before


@contextmanager
def closed_circuits() -> Iterator[None]:
    """Nothing is known against any server before and after the block."""
    for server in (CACHE, QUEUE):
        circuit(server).breaker.close()
    yield
    for server in (CACHE, QUEUE):
        circuit(server).breaker.close()


@pytest.fixture
def redis(shop: Shop, settings: Settings, tmp_path: Path) -> Iterator[OwnRedis]:
    """This test's Redis, which is the shop's cache server."""
    with OwnRedis(tmp_path / "redis").running() as own, closed_circuits():
        cache: dict[str, Any] = settings.CACHES["default"]
        settings.CACHES = {"default": cache | {"LOCATION": own.cache_url}}
        settings.BREAKER_SLOW_SECONDS = 60.0  # the machine that tests may be busy
        yield own
        get_redis_connection("default").connection_pool.disconnect()


@pytest.fixture
def patient(settings: Settings) -> Iterator[None]:
    """The shop's cache server is waited for, however busy the machine is, and never left alone."""
    usual: dict[str, Any] = settings.CACHES["default"]
    waits = {"SOCKET_CONNECT_TIMEOUT": SECONDS, "SOCKET_TIMEOUT": SECONDS}
    settings.CACHES = {"default": usual | {"OPTIONS": usual["OPTIONS"] | waits}}
    settings.BREAKER_SLOW_SECONDS = 60.0  # the machine that tests may be busy
    with closed_circuits():
        yield
