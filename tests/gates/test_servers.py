"""The embedded servers: shared by commands, gone after the last, well again after any kill."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from commerce.core.servers import embedded_database
from commerce.core.servers.account import private_folder
from commerce.core.servers.places import Places
from tests.gates.serving import answering, end, eventually, stopped, up


def connect() -> psycopg.Connection[tuple[int]]:
    """Connect to the PostgreSQL of this test."""
    database = embedded_database()
    return psycopg.connect(
        host=database["HOST"], dbname=database["NAME"], user=database["USER"], autocommit=True
    )


def postmaster(places: Places) -> Path:
    """Return the pid file of this test's PostgreSQL."""
    return places.root / "postgres-18" / "postmaster.pid"


def pid_in(path: Path) -> int:
    """Return the process id that a pid file begins with."""
    return int(path.read_text().split()[0])


def test_servers_outlive_the_command_that_started_them_but_not_the_last(
    settled: Places, user: Callable[[], subprocess.Popen[str]]
) -> None:
    first, second = user(), user()
    assert up(first)
    assert up(second)

    assert end(first) == 0
    assert answering(settled) == (True, True)

    assert end(second) == 0
    assert answering(settled) == (False, False)


def test_commands_that_start_at_once_share_one_server(
    places: Places, user: Callable[[], subprocess.Popen[str]]
) -> None:
    users = [user() for _ in range(4)]

    assert [up(one) for one in users] == [True] * 4
    with connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)

    assert [end(one) for one in users] == [0] * 4
    assert answering(places) == (False, False)


def test_servers_stop_by_themselves_when_their_last_user_is_killed(
    settled: Places, user: Callable[[], subprocess.Popen[str]]
) -> None:
    only = user()
    assert up(only)

    only.kill()

    assert stopped(settled)
    assert eventually(lambda: not postmaster(settled).exists())


def test_start_recovers_committed_rows_after_everything_was_killed(
    settled: Places, user: Callable[[], subprocess.Popen[str]]
) -> None:
    first = user()
    assert up(first)
    with connect() as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    for pid in (first.pid, pid_in(postmaster(settled)), pid_in(settled.locks / "redis.pid")):
        os.kill(pid, signal.SIGKILL)

    second = user()

    assert up(second)
    with connect() as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)
    assert end(second) == 0


def test_start_ignores_a_pid_file_whose_number_another_program_has_got(
    settled: Places, user: Callable[[], subprocess.Popen[str]]
) -> None:
    first = user()
    assert up(first)
    lines = postmaster(settled).read_text().splitlines()
    assert end(first) == 0
    bystander = subprocess.Popen(
        ["sleep", "3600"],
        user=postmaster(settled).parent.stat().st_uid if os.geteuid() == 0 else None,
    )
    postmaster(settled).write_text("\n".join([str(bystander.pid), *lines[1:]]) + "\n")

    second = user()

    assert up(second)
    assert bystander.poll() is None
    assert end(second) == 0
    bystander.kill()
    bystander.wait()


def test_unreachable_folders_are_no_obstacle(
    places: Places, user: Callable[[], subprocess.Popen[str]]
) -> None:
    places.root.chmod(0o700)  # as below /root: the account of PostgreSQL can't walk there

    only = user()

    assert up(only)
    assert end(only) == 0
    assert places.outside.exists() is (os.geteuid() == 0)


def test_nothing_starts_when_urls_name_other_servers(
    places: Places,
    user: Callable[[], subprocess.Popen[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://shop@db.example.com/shop")
    monkeypatch.setenv("REDIS_URL", "redis://cache.example.com/0")

    only = user()

    assert up(only)
    assert answering(places) == (False, False)
    assert list(places.root.iterdir()) == []
    assert end(only) == 0


def test_socket_paths_fit_whatever_the_length_of_the_clone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", "/" + "/".join(["a-long-folder-name"] * 20))

    longest = max(
        len(str(path)) for path in (Places.current().postgres_socket, Places.current().redis_socket)
    )

    assert longest == 36


def test_a_folder_that_somebody_else_prepared_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "sockets").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(SystemExit, match="belongs to somebody else"):
        private_folder(tmp_path / "sockets", None)


def test_a_version_that_is_not_carried_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTGRES_VERSION", "15")

    with pytest.raises(SystemExit, match="POSTGRES_VERSION is '15'; the embedded server is one of"):
        Places.current()


def test_the_keeper_ends_soon_after_the_servers(
    settled: Places, user: Callable[[], subprocess.Popen[str]]
) -> None:
    only = user()
    assert up(only)
    keepers = _keepers_of(settled)
    assert len(keepers) == 1

    assert end(only) == 0

    assert eventually(lambda: _keepers_of(settled) == [])


def _keepers_of(places: Places) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_text()
            environment = (process / "environ").read_text()
        except OSError:
            continue
        if "commerce.core.servers.keeper" in command and f"DATA_DIR={places.root}\0" in environment:
            found.append(int(process.name))
    return found
