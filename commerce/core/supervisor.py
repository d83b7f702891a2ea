"""Runs several programs as one: prefixed output, all stop together, whoever ends first."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

_PR_SET_PDEATHSIG = 1


class Supervisor:
    """Starts programs in sessions of their own and ends every one of them with itself."""

    def __init__(self, seconds_to_stop: float = 20.0) -> None:
        self._seconds_to_stop = seconds_to_stop
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self._pumps: list[threading.Thread] = []

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start a program; its lines appear behind its name."""
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            start_new_session=True,  # Ctrl-C reaches the supervisor alone, which then stops all
            preexec_fn=_end_with_parent,
        )
        self._processes[name] = process
        pump = threading.Thread(target=_pump, args=(name, process), daemon=True)
        self._pumps.append(pump)
        pump.start()

    def ended(self) -> tuple[str, int] | None:
        """Return the name and exit code of the first program found to have ended."""
        for name, process in self._processes.items():
            code = process.poll()
            if code is not None:
                return name, code
        return None

    def stop(self) -> None:
        """Ask all to end, wait, and kill with its children whatever is still there."""
        for process in self._processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        end = time.monotonic() + self._seconds_to_stop
        for process in self._processes.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, end - time.monotonic()))
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for pump in self._pumps:
            pump.join(timeout=2)


def _pump(name: str, process: subprocess.Popen[str]) -> None:
    """Copy a program's lines to our output, each behind its name."""
    for line in process.stdout or ():
        sys.stdout.write(f"{name:<6} | {line}")
        sys.stdout.flush()


def _end_with_parent() -> None:
    """Let the kernel stop this process when the supervisor is killed (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
