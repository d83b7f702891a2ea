"""Processes of the shop (web, worker, beat) on the servers of this test run."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

SECONDS_TO_END = 20


def database_url() -> str:
    """The URL of this run's test database, for a process that is to use the same."""
    database = connection.settings_dict
    login = quote(str(database["USER"]), safe="")
    if database["PASSWORD"]:
        login += f":{quote(str(database['PASSWORD']), safe='')}"
    place = f"{database['HOST']}:{database['PORT']}"
    if str(database["HOST"]).startswith("/"):  # a socket's directory goes into the path
        place = f":{database['PORT']}/{database['HOST']}"
    return f"postgres://{login}@{place}/{database['NAME']}"


def environment(**more: str) -> dict[str, str]:
    """The environment of a process that joins this run's servers."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings_test",
        "DATABASE_URL": database_url(),
        "CELERY_BROKER_URL": str(settings.CELERY_BROKER_URL),
        "REDIS_URL": str(settings.REDIS_URL),
        **more,
    }


@contextmanager
def running(log: Path, *module: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m module…` in a session of its own until the block ends; it prints into `log`."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *module],
            cwd=settings.BASE_DIR,
            env=environment(**more),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port() -> int:
    """A port on the loopback that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
