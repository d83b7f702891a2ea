"""Settings of PostgreSQL: the primary, and the replica that public reads may go to."""

from __future__ import annotations

from typing import Any

from commerce.core.servers import embedded_database
from config.environment import env

DATABASE_URL = env.str("DATABASE_URL", default="")
DATABASE_PREPARE = env.bool("DATABASE_PREPARE", default=True)  # 0 behind PgBouncer before 1.21
DATABASE_REPLICA_URL = env.str("DATABASE_REPLICA_URL", default="")


def database(place: dict[str, Any], connect_seconds: int, **more: Any) -> dict[str, Any]:
    """An entry of DATABASES; nothing in it is a session's own, so PgBouncer may stand before it."""
    return {
        **place,
        "ENGINE": "commerce.core.postgresql",  # a URL would name Django's
        "CONN_MAX_AGE": env.int("DATABASE_CONN_MAX_AGE", default=600),
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {
            "prepare_threshold": 1 if DATABASE_PREPARE else None,
            "connect_timeout": connect_seconds,
            **place.get("OPTIONS", {}),  # sslmode and the like, from the URL
        },
        **more,
    }


# Without a URL the project starts a server of its own (commerce.core.servers).
DATABASES = {
    "default": database(
        env.db_url_config(DATABASE_URL) if DATABASE_URL else dict(embedded_database()),
        connect_seconds=5,
    )
}
if DATABASE_REPLICA_URL:
    DATABASES["replica"] = database(
        env.db_url_config(DATABASE_REPLICA_URL),
        connect_seconds=2,
        ENGINE="commerce.core.replica.engine",
        TEST={"MIRROR": "default"},
    )
DATABASE_ROUTERS = ["commerce.core.replica.routing.Router"]
REPLICA_LAG_MAX_SECONDS = env.float("REPLICA_LAG_MAX_SECONDS", default=1.0)
REPLICA_WATCH_SECONDS = env.float("REPLICA_WATCH_SECONDS", default=0.25)
REPLICA_TIMEOUT_SECONDS = env.float("REPLICA_TIMEOUT_SECONDS", default=0.25)
