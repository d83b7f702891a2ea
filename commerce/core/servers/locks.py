"""Locks between processes that the kernel releases, also when their holder is killed."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType


class Lock:
    """One lock file: exclusive as a context manager, shared or tried by its methods."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None

    def share(self) -> None:
        """Wait for a shared lock."""
        fcntl.flock(self._open(), fcntl.LOCK_SH)

    def take(self) -> bool:
        """Try to get the lock for this process alone; False when anybody else has it."""
        try:
            fcntl.flock(self._open(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            return False
        return True

    def release(self) -> None:
        """Give the lock up; harmless without one."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __enter__(self) -> Lock:
        fcntl.flock(self._open(), fcntl.LOCK_EX)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def _open(self) -> int:
        if self._file is None:
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._file
