"""The pages that a process holds itself, and who of its threads renders one just now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Event, Lock

from django.conf import settings

from commerce.core.caching.page import Page


class Held:
    """Pages up to so many bytes in all; what came first makes room."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.pages: dict[str, Page] = {}
        self.bytes = 0
        self.changing = Lock()

    def get(self, key: str) -> Page | None:
        """The page, whether or not it may still be told."""
        return self.pages.get(key)

    def put(self, key: str, page: Page) -> None:
        """Hold the page, unless a newer one is held."""
        with self.changing:
            before = self.pages.get(key)
            if before is not None and before.at > page.at:
                return
            self._drop(key)
            self.pages[key] = page
            self.bytes += page.size
            while self.bytes > self.most and self.pages:
                self._drop(next(iter(self.pages)))

    def _drop(self, key: str) -> None:
        page = self.pages.pop(key, None)
        if page is not None:
            self.bytes -= page.size


class Flights:
    """One thread of the process looks for a page; the others wait or do without."""

    def __init__(self) -> None:
        self.under_way: dict[str, Event] = {}
        self.changing = Lock()

    @contextmanager
    def of(self, key: str) -> Iterator[Event | None]:
        """None for the thread that is to look, for the others what tells them that it is done."""
        with self.changing:
            other = self.under_way.get(key)
            if other is None:
                mine = self.under_way[key] = Event()
        if other is not None:
            yield other
            return
        try:
            yield None
        finally:
            with self.changing:
                del self.under_way[key]
            mine.set()


@cache
def held() -> Held:
    """What this process holds."""
    return Held(settings.PAGE_CACHE_LOCAL_BYTES)


@cache
def flights() -> Flights:
    """Who looks for what in this process."""
    return Flights()
