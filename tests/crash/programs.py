"""The programs of a storm: a durable PostgreSQL of its own, web server and worker, all killable."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.db import OperationalError, connection, connections

from commerce.core.servers.account import postgres_binaries
from commerce.core.servers.places import DATABASE, Places
from commerce.core.servers.postgres import Postgres
from commerce.core.servers.probe import wait_until
from tests.journeys.live import wait_until_alive
from tests.shop.processes import free_port, running

SECONDS = 30


class DurablePostgres:
    """A cluster that keeps what it acknowledged, unlike the one that other tests run on."""

    def __init__(self, folder: Path) -> None:
        self.places = Places(folder, os.environ.get("POSTGRES_VERSION", "18"), throwaway=False)
        self.places.logs.mkdir(parents=True)
        self.server = Postgres(self.places)

    @property
    def address(self) -> dict[str, Any]:
        """What a `DATABASES` entry needs to reach it."""
        host = str(self.places.sockets)
        return {"HOST": host, "PORT": "5432", "NAME": DATABASE, "USER": DATABASE, "PASSWORD": ""}

    @property
    def postmaster(self) -> int:
        """Its process id."""
        return int((self.server.data / "postmaster.pid").read_text().split()[0])

    def start(self) -> None:
        """Start, recovering what an immediate stop left."""
        self.server.start()

    def copy(self, database: dict[str, Any]) -> None:
        """Fill the empty cluster with what the migrated test database holds."""
        dumped = self._run("pg_dump", database, "--no-owner")
        self._run("psql", self.address, "-q", "-v", "ON_ERROR_STOP=1", text=dumped)

    def _run(self, program: str, database: dict[str, Any], *options: str, text: str = "") -> str:
        names = {"HOST": "HOST", "PORT": "PORT", "NAME": "DATABASE", "USER": "USER"}
        where = {f"PG{name}": str(database[key]) for key, name in names.items() if database[key]}
        where |= {"PGPASSWORD": str(database["PASSWORD"])} if database["PASSWORD"] else {}
        done = subprocess.run(
            [postgres_binaries(self.places.version, self.server.account) / program, *options],
            env=os.environ | where,
            input=text,
            text=True,
            check=True,
            stdout=subprocess.PIPE,
        )
        return done.stdout

    def stop_at_once(self) -> None:
        """The immediate stop: no checkpoint, no farewell to any client."""
        os.kill(self.postmaster, signal.SIGQUIT)
        assert wait_until(self.places.postgres_socket, answering=False, seconds=SECONDS)

    @contextmanager
    def forgetful(self) -> Iterator[None]:
        """For the length of a block it acknowledges what it has written nowhere."""
        settings = {
            "synchronous_commit": "off",
            "wal_writer_delay": "10s",
            "wal_writer_flush_after": "1GB",
        }
        with psycopg.connect(**connection.get_connection_params(), autocommit=True) as own:
            for name, value in settings.items():
                own.execute(f"ALTER SYSTEM SET {name} = '{value}'")
            own.execute("SELECT pg_reload_conf()")
        yield
        self.wait_until_back()
        with connection.cursor() as cursor:
            cursor.execute("ALTER SYSTEM RESET ALL")
            cursor.execute("SELECT pg_reload_conf()")

    def kill(self, backend: int) -> None:
        """kill -9 of one of its processes."""
        parent = Path(f"/proc/{backend}/stat").read_text().rsplit(")", 1)[1].split()[1]
        assert int(parent) == self.postmaster, f"{backend} is no backend of this cluster"
        os.kill(backend, signal.SIGKILL)

    def wait_until_back(self) -> None:
        """Wait until it accepts connections after a crash of one of its processes."""
        end = time.monotonic() + SECONDS
        while True:
            connections.close_all()
            try:
                return connection.ensure_connection()
            except OperationalError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)


@contextmanager
def durable_postgres(folder: Path) -> Iterator[DurablePostgres]:
    """This process's Django, and all that it starts, on a migrated durable cluster."""
    postgres, before = DurablePostgres(folder), dict(connection.settings_dict)
    postgres.start()
    try:
        postgres.copy(before)
        connections.close_all()
        connection.settings_dict.update(postgres.address)
        yield postgres
    finally:
        connections.close_all()
        connection.settings_dict.update(before)
        postgres.server.stop()
        postgres.server.remove()


class Program:
    """One program of the shop that can be killed with all its processes and started again."""

    def __init__(self, log: Path, *module: str, **more: str) -> None:
        self.log, self.module, self.more = log, module, more
        self.stack = ExitStack()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start anew; the log of the one before is kept."""
        if self.log.exists():
            self.log.rename(self.log.with_name(f"{self.log.name}.{os.urandom(4).hex()}"))
        self.process = self.stack.enter_context(running(self.log, *self.module, **self.more))

    def kill(self) -> None:
        """kill -9 of its whole process group."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.stack.close()


class Web(Program):
    """The web server, always on the same port; what dies or hangs is soon given up."""

    def __init__(self, folder: Path, **servers: str) -> None:
        self.port = free_port()
        command = ("granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "4")
        super().__init__(
            folder / "web.log",
            *(*command, "--port", str(self.port), "config.wsgi:application"),
            DATA_DIR=str(folder),
            ACCESS_TOKEN_SECONDS="86400",
            IDEMPOTENCY_LEASE_SECONDS="1",
            BREAKER_SECONDS="0.5",
            **servers,
        )

    def wait(self) -> None:
        """Wait until it answers."""
        wait_until_alive(f"http://127.0.0.1:{self.port}/health/live", self.log)


class Worker(Program):
    """The worker."""

    def __init__(self, folder: Path, **servers: str) -> None:
        options = ("--pool", "solo", "--without-mingle", "--without-gossip", "--loglevel", "INFO")
        super().__init__(
            folder / "worker.log",
            *("celery", "-A", "config", "worker", *options),
            DATA_DIR=str(folder),
            **servers,
        )

    def wait(self) -> None:
        """Wait until it takes tasks, so that there is something to kill."""
        end = time.monotonic() + SECONDS
        while " ready." not in self.log.read_text():
            assert time.monotonic() < end, f"no worker:\n{self.log.read_text()[-2000:]}"
            time.sleep(0.05)
