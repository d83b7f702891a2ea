"""Who still needs the servers: a lease is a shared kernel lock, so no death goes unnoticed.

Starting and stopping happen under one lock (`turn`). Each user holds `users` shared; whoever gets
it exclusively knows that nobody is left. A keeper process watches for users that were killed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace

from commerce.core.servers.house import House
from commerce.core.servers.locks import Lock
from commerce.core.servers.places import PROJECT

_SECONDS_OF_GRACE = 3600.0


class Lease:
    """This process's claim on the servers of a house."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.turn = Lock(house.places.locks / "turn.lock")
        self.users = Lock(house.places.locks / "users.lock")
        self.keeper = Lock(house.places.locks / "keeper.lock")
        self._process = 0
        self._keeper_process: subprocess.Popen[bytes] | None = None

    def enter(self) -> bool:
        """Start what is missing and hold it; False when every server is somebody else's."""
        if not self.house.servers:
            return False
        self.turn.path.parent.mkdir(parents=True, exist_ok=True)
        with self.turn:
            self.users.share()
            self._process = os.getpid()
            if self.keeper.take():
                self.keeper.release()
                self._send_for_keeper()
            self.house.start()
        if self.house.places.throwaway:
            self._clear_up_after_others()
        return True

    def leave(self) -> None:
        """Give the claim up and stop the servers if it was the last."""
        if self._process != os.getpid():  # a forked child must not end its parent's lease
            return
        self._process = 0
        with self.turn:
            self.users.release()
            self.stop_if_unused()

    def stop_if_unused(self) -> bool:
        """Stop the servers when nobody holds a lease; the caller has the turn."""
        if not self.users.take():
            return False
        try:
            self.house.stop()
        finally:
            self.users.release()
        return True

    def _clear_up_after_others(self) -> None:
        """Remove old test runs whose keeper was killed as well; one in use has its lock taken.

        Of what they left beside their data only empty folders go.
        """
        places = self.house.places
        for folder in places.root.parent.glob("run-*"):
            with suppress(FileNotFoundError):
                if time.time() - folder.stat().st_mtime > _SECONDS_OF_GRACE:
                    other = Lease(House.at(replace(places, root=folder)))
                    with other.turn:
                        other.stop_if_unused()

        for folder in self.house.places.sockets.parent.glob("shop-????????????"):
            with suppress(OSError):  # servers live in it, it is somebody else's, or it is gone
                if time.time() - folder.stat().st_mtime > _SECONDS_OF_GRACE:
                    folder.rmdir()

    def _send_for_keeper(self) -> None:
        self.house.places.logs.mkdir(parents=True, exist_ok=True)
        with (self.house.places.logs / "keeper.log").open("ab") as log:
            self._keeper_process = subprocess.Popen(
                [sys.executable, "-m", "commerce.core.servers.keeper"],
                cwd=PROJECT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C in the terminal is not meant for the keeper
            )
