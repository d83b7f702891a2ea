"""Whether a page may still be told: each process follows what has changed, as Redis has it.

`following` writes there, second by second, what changed. A process reads it at most every
`PAGE_CACHE_POLL_SECONDS` while it is asked for pages, so a page that it holds itself is judged
without a question to anybody. Where nothing is heard, pages live for a second.

What is told is never older than `PAGE_CACHE_HEARD_SECONDS`: until then nothing that changed may go
unheard, and the grace in which an outdated page is told ends by then too.
"""

from __future__ import annotations

import time
from enum import Enum
from functools import cache
from threading import Lock
from typing import Any

from django.conf import settings
from redis import Redis

from commerce.core.breaker import ask_redis
from commerce.core.caching import names
from commerce.core.caching.page import Page, now

PATIENCE = 0.5  # since when others wait for a reading that is under way
WINDOW = 100.0  # a process that read nothing for so long knows nothing
OVERLAP = 0.000_01


class Verdict(Enum):
    """`STALE` may be told while somebody renders it anew, `GONE` not at all."""

    FRESH = "fresh"
    STALE = "stale"
    GONE = "gone"


class Changes:
    """When each tag changed last, as far as this process has heard."""

    def __init__(self) -> None:
        self.changed: dict[str, float] = {}
        self.before: dict[str, float] = {}  # when each changed the time before
        self.latest = self.heard = self.asked = 0.0
        self.silent = 0.0  # what was said until then came late
        self.reading = Lock()

    def judge(self, page: Page, moment: float) -> Verdict:
        """What may be done with the page now."""
        age = moment - page.at
        if page.at <= self._changed(page):
            first = self._outdated(page)
            early = moment - first < settings.PAGE_CACHE_OUTDATED_SECONDS and first > self.silent
            return Verdict.STALE if early else Verdict.GONE
        seconds, more = page.seconds, settings.PAGE_CACHE_STALE_SECONDS
        if moment - self.heard > settings.PAGE_CACHE_HEARD_SECONDS:
            seconds = min(seconds, settings.PAGE_CACHE_BLIND_SECONDS)
            more = settings.PAGE_CACHE_OUTDATED_SECONDS
        if age < seconds:
            return Verdict.FRESH
        more = min(seconds, more)
        return Verdict.STALE if age < seconds + more and not page.absent else Verdict.GONE

    def _changed(self, page: Page) -> float:
        """When anything that the page shows changed last; 0 when it is not known to have."""
        if page.at > self.latest:
            return 0.0
        known = self.changed
        return max([known.get(tag, 0.0) for tag in page.tags] + [known.get(names.EVERYTHING, 0.0)])

    def _outdated(self, page: Page) -> float:
        """When the first change since the page was rendered was said, as far as that is known.

        A change is said several times, and others follow it: neither prolongs the grace.
        """
        tags = (*page.tags, names.EVERYTHING)
        said = [known.get(tag, 0.0) for known in (self.before, self.changed) for tag in tags]
        return min((at for at in said if at >= page.at), default=0.0)

    def hear(self) -> bool:
        """Read what is new, if that is due; False when Redis did not answer."""
        since = time.monotonic() - self.asked
        if since < settings.PAGE_CACHE_POLL_SECONDS:
            return True
        if not self.reading.acquire(blocking=since > PATIENCE):
            return True
        try:
            if time.monotonic() - self.asked < settings.PAGE_CACHE_POLL_SECONDS:
                return True
            answered = self._read(time.monotonic() - self.asked > WINDOW)
            self.asked = time.monotonic()
        finally:
            self.reading.release()
        return answered

    def _read(self, anew: bool) -> bool:
        first = 0.0 if anew else self.latest - OVERLAP

        def question(redis: Redis) -> Any:
            pipe = redis.pipeline(transaction=True)
            pipe.get(names.heard())
            pipe.zrangebyscore(names.changes(), first, "+inf", withscores=True)
            return pipe.execute()

        answer = ask_redis(question, None)
        if answer is None:
            self.heard = 0.0
            return False
        heard, news = answer
        # A change just after the last hearing would outlive its time by the grace.
        patience = settings.PAGE_CACHE_HEARD_SECONDS - settings.PAGE_CACHE_OUTDATED_SECONDS
        late = now() - self.heard > patience
        for name, score in news:
            tag = name.decode()
            if score > (known := self.changed.get(tag, 0.0)):
                self.before[tag], self.changed[tag] = known, score
            self.latest = max(self.latest, score)
        if late:
            self.silent = self.latest
        self.heard = float(heard or 0)
        self._forget()
        return True

    def _forget(self) -> None:
        """Drop what is older than any page."""
        if len(self.changed) > names.TAGS_MAX:
            old = now() - names.WINDOW
            self.changed = {tag: at for tag, at in self.changed.items() if at > old}
            self.before = {tag: at for tag, at in self.before.items() if at > old}


@cache
def changes() -> Changes:
    """What this process has heard."""
    return Changes()
