"""Whether a page may still be told: each process follows what has changed, as Redis has it.

`following` writes there, second by second, what changed. A process reads it at most every
`PAGE_CACHE_POLL_SECONDS` while it is asked for pages, so a page that it holds itself is judged
without a question to anybody. Where nothing is heard, pages live for a second.
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

HEARD_WITHIN = 3.0  # the follower says something each second
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
        self.latest = self.heard = self.asked = 0.0
        self.reading = Lock()

    def judge(self, page: Page, moment: float) -> Verdict:
        """What may be done with the page now."""
        age = moment - page.at
        changed = self._changed(page)
        if page.at <= changed:
            early = moment - changed < settings.PAGE_CACHE_OUTDATED_SECONDS
            return Verdict.STALE if early else Verdict.GONE
        blind = moment - self.heard > HEARD_WITHIN
        seconds = min(page.seconds, settings.PAGE_CACHE_BLIND_SECONDS) if blind else page.seconds
        if age < seconds:
            return Verdict.FRESH
        more = min(seconds, settings.PAGE_CACHE_STALE_SECONDS)
        return Verdict.STALE if age < seconds + more and not page.absent else Verdict.GONE

    def _changed(self, page: Page) -> float:
        """When anything that the page shows changed last; 0 when it is not known to have."""
        if page.at > self.latest:
            return 0.0
        known = self.changed
        return max([known.get(tag, 0.0) for tag in page.tags] + [known.get(names.EVERYTHING, 0.0)])

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
        for tag, score in news:
            self.changed[tag.decode()] = score
            self.latest = max(self.latest, score)
        self.heard = float(heard or 0)
        self._forget()
        return True

    def _forget(self) -> None:
        """Drop what is older than any page."""
        if len(self.changed) > names.TAGS_MAX:
            old = now() - names.WINDOW
            self.changed = {tag: at for tag, at in self.changed.items() if at > old}


@cache
def changes() -> Changes:
    """What this process has heard."""
    return Changes()
