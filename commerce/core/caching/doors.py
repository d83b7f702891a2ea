"""By which scheme and host requests come in that the middlewares behind the cache let through."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.http.request import split_domain_port

DOORS_MAX = 256
Door = tuple[str, str]


def door_of(request: HttpRequest) -> Door | None:
    """What the middlewares judge: the scheme and the host without its port; None if not ours.

    A header that the settings do not trust makes no other door.
    """
    try:
        host, _port = split_domain_port(request.get_host())
    except DisallowedHost:
        return None
    return request.scheme or "", host


class Doors:
    """The doors that are open; the one that was used longest ago makes room."""

    def __init__(self) -> None:
        self.opened: OrderedDict[Door, None] = OrderedDict()
        self.changing = Lock()

    def knows(self, door: Door) -> bool:
        """Whether it was opened, which is a use of it."""
        with self.changing:
            if door not in self.opened:
                return False
            self.opened.move_to_end(door)
            return True

    def open(self, door: Door) -> None:
        """Tell pages to whoever comes in so from now on."""
        with self.changing:
            self.opened[door] = None
            while len(self.opened) > DOORS_MAX:
                self.opened.popitem(last=False)
