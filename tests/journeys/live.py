"""A shop that runs as it does in the demo: web server, worker and beat as processes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.shop.processes import free_port, running

SECONDS_TO_START = 60


@dataclass(frozen=True)
class LiveShop:
    """Where the running shop answers, and where its messages go."""

    base: str
    data_dir: Path


@contextmanager
def live(folder: Path) -> Iterator[LiveShop]:
    """Start the processes, wait until the shop answers, and end them with the block."""
    port, places = free_port(), {"DATA_DIR": str(folder)}
    web = ("granian", "--interface", "wsgi", "--workers", "1", "--port", str(port))
    celery = ("celery", "-A", "config")
    with ExitStack() as processes:
        for name, module in {
            "web": (*web, "config.wsgi:application"),
            "worker": (*celery, "worker", "--concurrency", "1", "--without-mingle"),
            "beat": (*celery, "beat", "--pidfile", "", "--schedule", str(folder / "schedule")),
        }.items():
            processes.enter_context(running(folder / f"{name}.log", *module, **places))
        wait_until_alive(f"http://127.0.0.1:{port}/health/live", folder / "web.log")
        yield LiveShop(f"http://127.0.0.1:{port}", folder)


def wait_until_alive(url: str, log: Path) -> None:
    """Return when the web server answers; fail with its log when it never does."""
    end = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            with urlopen(url, timeout=5):  # noqa: S310 - our own http URL
                return
        except (URLError, OSError):
            if time.monotonic() > end:
                raise AssertionError(f"The shop never answered:\n{log.read_text()}") from None
            time.sleep(0.2)
