"""The servers of one `DATA_DIR` as a whole: which are wanted, all started, all stopped."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass

from commerce.core.servers.places import Places
from commerce.core.servers.postgres import Postgres
from commerce.core.servers.redis import Redis


@dataclass(frozen=True)
class House:
    """The servers that no URL replaces, in the order in which they start."""

    places: Places
    servers: tuple[Postgres | Redis, ...]

    @classmethod
    def current(cls) -> House:
        """Return the house that the environment describes."""
        return cls.at(Places.current())

    @classmethod
    def at(cls, places: Places) -> House:
        """Choose the servers by the absence of `DATABASE_URL` and `REDIS_URL`."""
        servers: list[Postgres | Redis] = []
        if not os.environ.get("DATABASE_URL"):
            servers.append(Postgres(places))
        if not os.environ.get("REDIS_URL"):
            servers.append(Redis(places))
        return cls(places, tuple(servers))

    def start(self) -> None:
        """Start what isn't running."""
        for server in self.servers:
            if not server.running():
                self.places.logs.mkdir(parents=True, exist_ok=True)
                server.start()

    def stop(self) -> None:
        """Stop all, last started first, and delete what was only for a test."""
        for server in reversed(self.servers):
            server.stop()
        with suppress(OSError):  # a socket in it means that a server would not stop
            self.places.sockets.rmdir()
        if self.places.throwaway:
            for server in self.servers:
                if isinstance(server, Postgres):
                    server.remove()
            shutil.rmtree(self.places.sockets, ignore_errors=True)
            shutil.rmtree(self.places.root, ignore_errors=True)
