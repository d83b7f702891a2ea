"""The demo's supervisor: one program's end is everybody's, and nothing is left over."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from commerce.core.supervisor import Supervisor

SECONDS = 10.0
# Starts a child of its own, writes both process ids and waits, deaf to a polite request if asked.
PROGRAM = """
import os, pathlib, signal, subprocess, sys, time
if sys.argv[2] == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path(sys.argv[1] + ".new").write_text(f"{os.getpid()} {child.pid}")
os.rename(sys.argv[1] + ".new", sys.argv[1])
print("working", flush=True)
time.sleep(600)
"""


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    """Give a supervisor that is stopped even when the test fails."""
    supervisor = Supervisor()
    yield supervisor
    supervisor.stop()


def pids(path: Path) -> list[int]:
    """Wait for the process ids that a program writes."""
    deadline = time.monotonic() + SECONDS
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return [int(pid) for pid in path.read_text().split()]


def alive(pid: int) -> bool:
    """Say whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def all_gone(found: list[int]) -> bool:
    """Wait until none of the processes runs."""
    deadline = time.monotonic() + SECONDS
    while any(alive(pid) for pid in found) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not any(alive(pid) for pid in found)


def until_one_ended(supervisor: Supervisor) -> tuple[str, int] | None:
    """Wait for the first program to end."""
    deadline = time.monotonic() + SECONDS
    while supervisor.ended() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    return supervisor.ended()


def test_stop_ends_programs_and_their_children(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start("one", [sys.executable, "-c", PROGRAM, str(tmp_path / "one"), "polite"])
    supervisor.start("two", [sys.executable, "-c", PROGRAM, str(tmp_path / "two"), "polite"])
    found = pids(tmp_path / "one") + pids(tmp_path / "two")
    assert [alive(pid) for pid in found] == [True] * 4

    supervisor.stop()

    assert all_gone(found)


def test_stop_kills_a_program_that_does_not_listen(tmp_path: Path) -> None:
    supervisor = Supervisor(seconds_to_stop=0.5)
    supervisor.start("deaf", [sys.executable, "-c", PROGRAM, str(tmp_path / "deaf"), "deaf"])
    found = pids(tmp_path / "deaf")

    supervisor.stop()

    assert all_gone(found)


def test_the_first_program_to_end_is_named_with_its_exit_code(supervisor: Supervisor) -> None:
    supervisor.start("lasting", ["sleep", "600"])
    assert supervisor.ended() is None
    supervisor.start("broken", [sys.executable, "-c", "raise SystemExit(3)"])

    assert until_one_ended(supervisor) == ("broken", 3)


def test_output_appears_behind_the_name_of_its_program(
    supervisor: Supervisor, capfd: pytest.CaptureFixture[str]
) -> None:
    supervisor.start("web", [sys.executable, "-c", "print('one'); print('two')"])
    until_one_ended(supervisor)
    supervisor.stop()

    assert capfd.readouterr().out == "web    | one\nweb    | two\n"


def test_programs_end_with_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time; from commerce.core.supervisor import Supervisor\n"
        f"Supervisor().start('one', [sys.executable, '-c', {PROGRAM!r}, sys.argv[1], 'polite'])\n"
        "time.sleep(600)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "one")], stdout=subprocess.DEVNULL
    )
    program, child = pids(tmp_path / "one")

    parent.kill()
    parent.wait()

    assert all_gone([program])
    os.kill(child, signal.SIGKILL)  # a real program ends its own children when asked to end


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_a_port_that_is_none_is_explained(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("PORT", port)

    with pytest.raises(CommandError, match=f"PORT is '{port}', not a number from 1 to 65535"):
        call_command("demo")


def test_a_port_in_use_is_explained_before_anything_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))

        with pytest.raises(CommandError, match=f"port {port} can't be used") as refusal:
            call_command("demo")

    assert f"PORT={port % 65535 + 1} make demo" in str(refusal.value)
