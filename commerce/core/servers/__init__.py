"""Real PostgreSQL and Redis that the project starts for itself when no URL names others.

Both come from Python wheels, listen on Unix sockets only, and keep their data below `DATA_DIR`.
Every process that needs them holds a lease; the servers stop when the last lease is gone.
"""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from contextlib import contextmanager

from commerce.core.servers.house import House
from commerce.core.servers.lease import Lease
from commerce.core.servers.places import DATABASE, Places, data_dir

__all__ = [
    "data_dir",
    "embedded_broker_url",
    "embedded_database",
    "embedded_redis_url",
    "silent",
    "start",
    "using",
]


def embedded_database() -> dict[str, str]:
    """Return what a Django `DATABASES` entry needs to reach the embedded PostgreSQL."""
    return {
        "NAME": DATABASE,
        "USER": DATABASE,
        "PASSWORD": "",
        "HOST": str(Places.current().sockets),
        "PORT": "5432",
    }


def embedded_redis_url() -> str:
    """Return the URL of the embedded Redis as redis-py and django-redis understand it."""
    return f"unix://{Places.current().redis_socket}?db=0"


def embedded_broker_url() -> str:
    """Return the embedded Redis as a Celery broker: same server, database 1, Celery's spelling."""
    return f"redis+socket://{Places.current().redis_socket}?virtual_host=1"


def start() -> None:
    """Start what `DATABASE_URL` and `REDIS_URL` leave unset and keep it until this process ends."""
    lease = Lease(House.current())
    if lease.enter():
        atexit.register(lease.leave)


def silent() -> str:
    """Return the names of the embedded servers that should answer and don't."""
    names = [type(server).__name__ for server in House.current().servers if not server.running()]
    return " and ".join(names)


@contextmanager
def using() -> Iterator[None]:
    """Hold the embedded servers for the length of a block."""
    lease = Lease(House.current())
    lease.enter()
    try:
        yield
    finally:
        lease.leave()
