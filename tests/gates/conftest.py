"""Embedded servers of a test's own."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from commerce.core.servers.places import PROJECT, Places
from tests.gates.serving import stopped

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
