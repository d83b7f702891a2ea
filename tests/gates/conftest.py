"""Embedded servers of a test's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from commerce.core.servers.account import own, server_account
from commerce.core.servers.places import PROJECT, Places
from commerce.core.servers.postgres import Postgres
from commerce.core.servers.probe import wait_until
from tests.gates.serving import SECONDS, stopped

USER = "from commerce.core import servers; servers.start(); print('up', flush=True); input()"


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> Iterator[Places]:
    """Give a data folder of this test's own, everything in it stopped and deleted afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="shop-servers-"))
    folder.chmod(0o755)
    monkeypatch.setenv("DATA_DIR", str(folder))
    for name in ("SERVERS_THROWAWAY", "DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    places = Places.current()
    yield places
    assert stopped(places)
    for path in (folder, places.sockets, places.outside):
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty cluster, made once for the tests that are not about the making of one."""
    places = Places(tmp_path_factory.mktemp("cluster"), "18", throwaway=False)
    places.root.chmod(0o755)
    environment = {**os.environ, "DATA_DIR": str(places.root), "REDIS_URL": "redis://nobody"}
    for name in ("SERVERS_THROWAWAY", "DATABASE_URL", "POSTGRES_VERSION"):
        environment.pop(name, None)
    subprocess.run(
        [sys.executable, "-c", USER],
        cwd=PROJECT,
        env=environment,
        input="\n",
        text=True,
        check=True,
    )
    assert wait_until(places.postgres_socket, answering=False, seconds=SECONDS)
    made = Postgres(places)
    yield made.data
    made.remove()


@pytest.fixture
def settled(places: Places, cluster: Path) -> Places:
    """The same with a cluster in it already."""
    _copied(cluster, places.root / cluster.name)
    return places


@pytest.fixture
def prepared(places: Places, cluster: Path) -> Places:
    """The same with the cluster that throw-away servers start from."""
    _copied(cluster, places.root / "template-18")
    return places


def _copied(cluster: Path, target: Path) -> None:
    shutil.copytree(cluster, target)
    own(target, server_account(cluster))


@pytest.fixture
def user(places: Places) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Start processes that use the servers until they are told to end."""
    started: list[subprocess.Popen[str]] = []

    def begin() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", USER],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()
