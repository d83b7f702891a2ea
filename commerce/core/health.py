"""Whether this process can serve: each thing it leans on is asked, none is guessed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import cache
from http import HTTPStatus
from types import MappingProxyType

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django_redis import get_redis_connection

from commerce.core.breaker import CACHE, QUEUE, circuit
from commerce.core.queue import hasty_connection
from commerce.core.replica import lag
from commerce.core.replica.routing import REPLICA, configured
from commerce.core.reviewed.drift import drift_report

logger = logging.getLogger("commerce.health")

Check = dict[str, str]


def database() -> str:
    """Nothing when the primary answers a query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return ""


def migrations() -> str:
    """The migrations of this code that the database does not have yet."""
    missing = _migrations_on_disk() - set(MigrationRecorder(connection).applied_migrations())
    return f"not applied: {_named(f'{app}.{name}' for app, name in missing)}" if missing else ""


def procedures() -> str:
    """The procedures that are not what was reviewed."""
    drift = drift_report()
    return f"differ from the review: {_named(one.name for one in drift)}" if drift else ""


def redis() -> str:
    """Nothing when the cache server answers."""
    get_redis_connection("default").ping()
    return ""


def broker() -> str:
    """Nothing when the queue's server takes a connection."""
    with hasty_connection() as queue:
        queue.default_channel.close()
    return ""


def replica() -> str:
    """Why the primary serves the reads that the replica is there for."""
    return lag.state()


CHECKS: MappingProxyType[str, Callable[[], str]] = MappingProxyType(
    {
        "database": database,
        "migrations": migrations,
        "procedures": procedures,
        CACHE: redis,
        QUEUE: broker,
        REPLICA: replica,
    }
)
SPARED = frozenset({CACHE, QUEUE, REPLICA})  # what the shop sells without
UNFELT = frozenset({REPLICA})  # what no client misses: the primary does its work
SERVERS = (CACHE, QUEUE, REPLICA)  # each behind a circuit


def readiness() -> tuple[HTTPStatus, dict[str, object]]:
    """200 or 503, and `{status, sells, circuits, checks}`; no check's words tell a secret.

    Without Redis the shop is degraded, slower and its messages late, but it sells. Without
    the replica nobody is worse off: degraded, but 200.
    """
    checks = {name: _asked(name, check) for name, check in CHECKS.items() if _here(name)}
    failed = {name for name, check in checks.items() if check["status"] != "ok"}
    well = HTTPStatus.OK if failed <= UNFELT else HTTPStatus.SERVICE_UNAVAILABLE
    return well, {
        "status": "degraded" if failed else "ok",
        "sells": failed <= SPARED,
        "circuits": {server: circuit(server).state for server in SERVERS if _here(server)},
        "checks": checks,
    }


def _here(name: str) -> bool:
    """Whether this shop has it at all."""
    return name != REPLICA or configured()


def _asked(name: str, check: Callable[[], str]) -> Check:
    try:
        wrong = check()
    except Exception:  # whatever it is, this part cannot be used; the log has it whole
        logger.exception("health check failed", extra={"check": name})
        wrong = "does not answer"
    return {"status": "failed", "detail": wrong} if wrong else {"status": "ok"}


@cache
def _migrations_on_disk() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations)


def _named(names: Iterable[str]) -> str:
    return ", ".join(sorted(set(names)))
