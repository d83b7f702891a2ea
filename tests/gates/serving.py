"""Users of the embedded servers, and what can be said of the servers."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

from commerce.core.servers.places import Places
from commerce.core.servers.probe import answers, wait_until

SECONDS = 30.0


def up(process: subprocess.Popen[str]) -> bool:
    """Wait until a user has its servers."""
    return process.stdout is not None and process.stdout.readline() == "up\n"


def end(process: subprocess.Popen[str]) -> int:
    """Let a user end by itself."""
    process.communicate("\n", timeout=SECONDS)
    return process.returncode


def answering(places: Places) -> tuple[bool, bool]:
    """Say of PostgreSQL and of Redis whether it answers."""
    return answers(places.postgres_socket), answers(places.redis_socket)


def stopped(places: Places) -> bool:
    """Wait until both servers are gone."""
    return all(
        wait_until(path, answering=False, seconds=SECONDS)
        for path in (places.postgres_socket, places.redis_socket)
    )


def eventually(condition: Callable[[], bool]) -> bool:
    """Wait for a condition; False when it took too long."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
