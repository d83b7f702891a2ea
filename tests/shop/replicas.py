"""A streaming replica of this run's PostgreSQL, to be held back, killed, hung and promoted."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from pytest_django.fixtures import Settings

from commerce.catalog.models import Variant
from commerce.catalog.shelf import keeping
from commerce.core.breaker import circuit
from commerce.core.replica.lag import WATCH, WRITTEN
from commerce.core.replica.routing import REPLICA
from commerce.core.servers.account import private_folder
from commerce.core.servers.places import Places
from commerce.core.servers.postgres import Postgres
from tests.shop.builder import Shop

SECONDS = 30
LONG = 3600.0


class Standby(Postgres):
    """The embedded server as a replica of another one: made by a base backup, not by initdb."""

    def __init__(self, folder: Path, primary: dict[str, Any]) -> None:
        super().__init__(Places(folder, Places.current().version, throwaway=True))
        self.primary = primary
        self.places.logs.mkdir(parents=True)

    def _prepare(self) -> None:
        private_folder(self.places.sockets, self.account)
        if self.data.is_relative_to(self.places.outside):
            private_folder(self.places.outside, self.account)
        if self.data.exists():
            return
        source = ["-h", self.primary["HOST"], "-p", self.primary["PORT"], "-U"]
        how = ["-X", "stream", "-c", "fast", "-R"]
        self._check(self._backup(*source, self.primary["USER"], *how))

    def _backup(self, *arguments: str) -> Any:
        self.data.mkdir(mode=0o700)
        if self.account:
            os.chown(self.data, self.account.pw_uid, self.account.pw_gid)
        return self._run("pg_basebackup", *arguments)


class OwnReplica:
    """One replica, and what can happen to it."""

    def __init__(self, folder: Path) -> None:
        self.primary = connection.settings_dict
        self.server = Standby(folder, self.primary)

    @property
    def host(self) -> str:
        """The folder of its socket."""
        return str(self.server.places.sockets)

    @property
    def url(self) -> str:
        """Where a process of its own finds it."""
        return f"postgres://{self.primary['USER']}@:5432/{self.host}/{self.primary['NAME']}"

    def ask(self, sql: str) -> Any:
        """One value, over a connection of our own."""
        with psycopg.connect(
            host=self.host,
            port=5432,
            user=self.primary["USER"],
            dbname=self.primary["NAME"],
            autocommit=True,
        ) as own:
            row = own.execute(sql).fetchone()
        return row and row[0]

    def catch_up(self) -> None:
        """Return when it has replayed all that is committed now."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = on; SELECT pg_current_xact_id()")
        with connection.cursor() as cursor:
            cursor.execute(WRITTEN)
            wanted = cursor.fetchone()[0]
        end = time.monotonic() + SECONDS
        sql = "SELECT pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint"
        while self.ask(sql) < wanted:
            assert time.monotonic() < end, "the replica does not follow"
            time.sleep(0.01)

    def pause(self) -> None:
        """From now on it shows what it has."""
        self.catch_up()
        self.ask("SELECT pg_wal_replay_pause()")

    def go_on(self) -> None:
        """It replays again what its primary writes."""
        self.ask("SELECT pg_wal_replay_resume()")
        self.catch_up()

    def kill(self) -> None:
        """kill -9, all of it."""
        self._signal(signal.SIGKILL)
        end = time.monotonic() + SECONDS
        while self.server.running():
            assert time.monotonic() < end, "it would not die"
            time.sleep(0.01)

    def hang(self) -> None:
        """It takes connections and answers nobody."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """It goes on where it hung."""
        self._signal(signal.SIGCONT)

    def start(self) -> None:
        """It is there."""
        self.server.start()

    def recover(self) -> None:
        """It is there again, whatever happened to it."""
        if self.server.running():
            self.resume()
        else:
            self.start()

    @staticmethod
    def forget() -> None:
        """Nothing is known of it in this process."""
        circuit(REPLICA).breaker.close()
        WATCH.forget()

    def remove(self) -> None:
        """Nothing of it is left."""
        if self.server.running():
            self.resume()
            self.server.stop()
        self.server.remove()
        shutil.rmtree(self.server.places.sockets, ignore_errors=True)

    def _signal(self, what: signal.Signals) -> None:
        """Tell the postmaster and its children, some of whom may just be ending."""
        postmaster = int((self.server.data / "postmaster.pid").read_text().splitlines()[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text()
        for pid in (postmaster, *map(int, children.split())):
            with suppress(ProcessLookupError):
                os.kill(pid, what)


@contextmanager
def routed(replica: OwnReplica) -> Iterator[None]:
    """This process's public reads may go there; nothing is known of it yet."""
    entry = connections.settings[DEFAULT_DB_ALIAS] | {
        "ENGINE": "commerce.core.replica.engine",
        "HOST": replica.host,
        "PORT": "5432",
    }
    connections.settings[REPLICA] = entry
    replica.forget()
    try:
        yield
    finally:
        connections[REPLICA].close()
        del connections[REPLICA], connections.settings[REPLICA]
        replica.forget()


@pytest.fixture(scope="module")
def standby(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OwnReplica]:
    """A replica that the tests of a module share."""
    with django_db_blocker.unblock():
        own = OwnReplica(tmp_path_factory.mktemp("replica"))
        try:
            own.start()
            yield own
        finally:
            own.remove()


@pytest.fixture
def replica(standby: OwnReplica, shop: Shop, settings: Settings) -> Iterator[OwnReplica]:
    """The replica that this process's public reads go to, however far behind it is."""
    settings.REPLICA_LAG_MAX_SECONDS = LONG
    settings.REPLICA_WATCH_SECONDS = 0.0
    settings.REPLICA_TIMEOUT_SECONDS = 10.0  # the machine that tests may be busy
    standby.catch_up()
    with routed(standby):
        yield standby


@pytest.fixture
def behind(replica: OwnReplica, shop: Shop) -> Iterator[Variant]:
    """A variant whose price went from 500 to 650 after the replica stopped replaying."""
    variant = shop.variant("500.00", mrp="900.00")
    keeping.rebuild()
    replica.pause()
    Variant.objects.filter(pk=variant.pk).update(price="650.00")
    yield variant
    replica.go_on()


@pytest.fixture
def doomed(
    replica: OwnReplica, shop: Shop, settings: Settings
) -> Iterator[Callable[[str], Variant]]:
    """`doomed(what)` lets that happen to the replica; it is back afterwards."""
    variant = shop.variant("500.00", mrp="900.00")
    keeping.rebuild()
    replica.catch_up()
    settings.REPLICA_WATCH_SECONDS = LONG

    def let(happen: str) -> Variant:
        settings.REPLICA_TIMEOUT_SECONDS = 0.25
        getattr(replica, happen)()
        return variant

    yield let
    replica.recover()
