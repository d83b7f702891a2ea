"""Is anybody listening? The only sign of life that a crash can't leave behind."""

from __future__ import annotations

import socket
import time
from pathlib import Path


def answers(path: Path) -> bool:
    """Say whether a server accepts a connection at a Unix socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(2)
        try:
            client.connect(str(path))
        except OSError:
            return False
    return True


def wait_until(path: Path, *, answering: bool, seconds: float) -> bool:
    """Wait for a server to come or to go; False when it took too long."""
    end = time.monotonic() + seconds
    while answers(path) is not answering:
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
