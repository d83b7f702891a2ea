"""Says, second by second, what has changed in the database, so that no page is told for too long.

How far the changes were seen lies in Redis beside the pages: when Redis loses them it loses that
too, and everything counts as changed. A change is said when it is certainly visible to whoever
begins to render from then on, and said again for two seconds, so that a page rendered from a
replica that was behind is outdated as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from redis import Redis

from commerce.core.breaker import ask_redis
from commerce.core.caching import names

CHANGES_MAX = 5_000
# The time is Redis', so that those who say something at once say it in order.
SAY = """
local changes, heard, position = KEYS[1], KEYS[2], KEYS[3]
local time = redis.call('TIME')
local now = string.format('%d.%06d', time[1], time[2])
for n = 4, #ARGV do redis.call('ZADD', changes, now, ARGV[n]) end
redis.call('ZREMRANGEBYSCORE', changes, '-inf', time[1] - tonumber(ARGV[2]))
if redis.call('ZCARD', changes) > tonumber(ARGV[3]) then
    redis.call('DEL', changes)
    redis.call('ZADD', changes, now, '*')
end
redis.call('SET', heard, now)
redis.call('SET', position, ARGV[1])
return now
"""


@dataclass
class Seen:
    """What changed: `tags` of what shows it, `calm` those that are said only every few seconds."""

    tags: set[str] = field(default_factory=set)
    calm: set[str] = field(default_factory=set)

    def add(self, other: Seen) -> None:
        """This and the other."""
        self.tags |= other.tags
        self.calm |= other.calm


Watcher = Callable[[datetime], Seen]


def follow(until: Callable[[], datetime]) -> int:
    """Say what changed since the last run; how many tags. `until` tells what is certainly seen."""
    known: list[Any] | None = ask_redis(lambda redis: [redis.get(names.position())], None)
    if known is None:
        return 0
    reached = until()
    if known[0] is None:
        return _say(reached, [names.EVERYTHING])
    seen = _seen(datetime.fromisoformat(known[0].decode()))
    tags = seen.tags | _rested(seen.calm)
    return _say(reached, [names.EVERYTHING] if len(tags) > CHANGES_MAX else sorted(tags))


def forget_everything() -> None:
    """Have every page rendered anew, wherever it lies."""
    ask_redis(lambda redis: redis.delete(names.position()), None)


def _seen(since: datetime) -> Seen:
    seen = Seen()
    for path in settings.PAGE_CACHE_WATCHERS:
        watcher: Watcher = import_string(path)
        seen.add(watcher(since))
    return seen


def _rested(wanted: Iterable[str]) -> set[str]:
    """Those of the tags, and of what waited, whose rest is over; the others wait."""
    milliseconds = ceil(settings.PAGE_CACHE_CALM_SECONDS * 1_000)

    def question(redis: Redis) -> set[str]:
        due: set[Any] = set(redis.smembers(names.due()))
        waiting = set(wanted) | {tag.decode() for tag in due}
        ready = {
            tag for tag in waiting if redis.set(names.rest(tag), b"1", nx=True, px=milliseconds)
        }
        if ready:
            redis.srem(names.due(), *ready)
        if waiting - ready:
            redis.sadd(names.due(), *(waiting - ready))
        return ready

    return ask_redis(question, set())


def _say(reached: datetime, tags: list[str]) -> int:
    keys = names.changes(), names.heard(), names.position()
    values: list[Any] = [reached.isoformat(), names.WINDOW, names.TAGS_MAX, *tags]
    said = ask_redis(lambda redis: redis.eval(SAY, len(keys), *keys, *values), None)
    return len(tags) if said is not None else 0
