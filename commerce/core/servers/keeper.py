"""A small process beside the servers that stops them when their last user was killed."""

from __future__ import annotations

import time
from contextlib import suppress

from commerce.core.servers.house import House
from commerce.core.servers.lease import Lease

_SECONDS_BETWEEN_LOOKS = 0.5


def keep() -> None:
    """Watch until nobody uses the servers, stop them, and end."""
    lease = Lease(House.current())
    if not lease.keeper.take():
        return
    with suppress(FileNotFoundError):  # the locks go with the data of a test run
        while True:
            time.sleep(_SECONDS_BETWEEN_LOOKS)
            with lease.turn:
                if lease.stop_if_unused():
                    # before the turn ends, so that the next user sends for a keeper of its own
                    lease.keeper.release()
                    return


if __name__ == "__main__":
    keep()
