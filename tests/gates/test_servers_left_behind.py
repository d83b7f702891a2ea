"""Throw-away servers leave nothing behind, and later ones remove what killed ones left."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from commerce.core.servers.places import Places
from tests.gates.serving import answering, end, up
from tests.shop.outages import OUTAGES, OwnRedis


def test_throwaway_servers_leave_no_file(
    places: Places, user: Callable[[], subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVERS_THROWAWAY", "1")
    monkeypatch.setenv("DATA_DIR", str(places.root / "run-1"))
    run = Places.current()
    only = user()
    assert up(only)
    assert answering(run) == (True, True)

    assert end(only) == 0

    assert sorted(path.name for path in places.root.iterdir()) == [
        "template-18",
        "template-18.lock",
    ]
    assert not run.sockets.exists()


def test_a_test_run_removes_what_an_old_one_left_but_not_one_in_use(
    prepared: Places, user: Callable[[], subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVERS_THROWAWAY", "1")
    monkeypatch.setenv("DATA_DIR", str(prepared.root / "run-in-use"))
    long_one = user()
    assert up(long_one)
    (prepared.root / "run-left" / "run").mkdir(parents=True)
    two_hours_ago = time.time() - 7200
    for name in ("run-left", "run-in-use"):
        os.utime(prepared.root / name, (two_hours_ago, two_hours_ago))

    monkeypatch.setenv("DATA_DIR", str(prepared.root / "run-new"))
    new_one = user()

    assert up(new_one)
    assert sorted(path.name for path in prepared.root.glob("run-*")) == ["run-in-use", "run-new"]
    assert [end(new_one), end(long_one)] == [0, 0]
    assert list(prepared.root.glob("run-*")) == []


def test_a_test_run_removes_old_empty_folders_of_sockets_alone(
    prepared: Places,
    user: Callable[[], subprocess.Popen[str]],
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    # given folders of sockets: an old one, a new one, and an old one with something in it
    old, new, full = (
        replace(prepared, root=prepared.root / name).sockets for name in ("old", "new", "full")
    )
    for folder in (old, new, full):
        folder.mkdir()
        request.addfinalizer(partial(shutil.rmtree, folder, ignore_errors=True))
    (full / "redis.sock").touch()
    two_hours_ago = time.time() - 7200
    for folder in (old, full):
        os.utime(folder, (two_hours_ago, two_hours_ago))
    # when a test run starts
    monkeypatch.setenv("SERVERS_THROWAWAY", "1")
    monkeypatch.setenv("DATA_DIR", str(prepared.root / "run-1"))
    only = user()
    assert up(only)
    # then only the first is gone
    assert [folder.exists() for folder in (old, new, full)] == [False, True, True]
    assert end(only) == 0


@pytest.mark.parametrize("outage", [None, *OUTAGES])
def test_a_redis_of_a_test_leaves_no_folder_whatever_happened_to_it(
    tmp_path: Path, outage: str | None
) -> None:
    with OwnRedis(tmp_path).running() as own:
        sockets = own.server.places.sockets
        assert sockets.exists()
        if outage:
            OUTAGES[outage](own)

    assert not sockets.exists()
