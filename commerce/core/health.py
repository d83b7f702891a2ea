"""Whether this process can serve: each thing it leans on is asked, none is guessed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import cache
from types import MappingProxyType

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django_redis import get_redis_connection

from commerce.core.breaker import CACHE, QUEUE, circuit
from commerce.core.queue import hasty_connection
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


CHECKS: MappingProxyType[str, Callable[[], str]] = MappingProxyType(
    {
        "database": database,
        "migrations": migrations,
        "procedures": procedures,
        CACHE: redis,
        QUEUE: broker,
    }
)
SPARED = frozenset({CACHE, QUEUE})  # what the shop sells without


def readiness() -> dict[str, object]:
    """`{status, sells, circuits, checks}`; no check's words give anything secret away.

    Without Redis the shop is degraded, slower and its messages late, but it sells.
    """
    checks = {name: _asked(name, check) for name, check in CHECKS.items()}
    failed = {name for name, check in checks.items() if check["status"] != "ok"}
    return {
        "status": "degraded" if failed else "ok",
        "sells": failed <= SPARED,
        "circuits": {server: circuit(server).state for server in (CACHE, QUEUE)},
        "checks": checks,
    }


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
