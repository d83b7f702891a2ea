"""Says, second by second, what has changed in the database, so that no page is told for too long.

How far the changes were seen lies in Redis beside the pages: when Redis loses them it loses that
too, and everything counts as changed. A change is said when it is certainly visible to whoever
begins to render from then on, and said again for two seconds, so that a page rendered from a
replica that was behind is outdated as well.
"""

from __future__ import annotations

from collections.abc import Callable
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
# The time is Redis', so that those who say something at once say it in order. Calm tags, and those
# that wait, are said if their rest is over; one that waits is struck off as it is said, not before.
SAY = """
local changes, heard, position, due, rest = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local calm, said = 7 + tonumber(ARGV[6]), tonumber(ARGV[6])
local time = redis.call('TIME')
local now = string.format('%d.%06d', time[1], time[2])
for n = 7, calm - 1 do redis.call('ZADD', changes, now, ARGV[n]) end
for n = calm, #ARGV do redis.call('SADD', due, ARGV[n]) end
for _, tag in ipairs(redis.call('SMEMBERS', due)) do
    if redis.call('EXISTS', rest .. tag) == 0 then
        redis.call('ZADD', changes, now, tag)
        redis.call('SET', rest .. tag, '1', 'PX', ARGV[5])
        redis.call('SREM', due, tag)
        said = said + 1
    end
end
redis.call('ZREMRANGEBYSCORE', changes, '-inf', time[1] - tonumber(ARGV[3]))
if redis.call('ZCARD', changes) > tonumber(ARGV[4]) then
    redis.call('DEL', changes)
    redis.call('ZADD', changes, now, '*')
end
redis.call('SET', heard, ARGV[2])
redis.call('SET', position, ARGV[1])
return said
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
    """Say what changed since the last run; how many tags. `until` tells what is certainly seen.

    What counts as heard is the moment before the database is read: what is committed while that
    goes on is not seen yet.
    """
    known = ask_redis(_known, None)
    if known is None:
        return 0
    position, moment = known
    reached = until()
    if position is None:
        return _say(reached, moment, Seen({names.EVERYTHING}))
    seen = _seen(datetime.fromisoformat(position.decode()))
    if len(seen.tags) > CHANGES_MAX:
        seen = Seen({names.EVERYTHING}, seen.calm)
    return _say(reached, moment, seen)


def forget_everything() -> None:
    """Have every page rendered anew, wherever it lies."""
    ask_redis(lambda redis: redis.delete(names.position()), None)


def _seen(since: datetime) -> Seen:
    seen = Seen()
    for path in settings.PAGE_CACHE_WATCHERS:
        watcher: Watcher = import_string(path)
        seen.add(watcher(since))
    return seen


def _known(redis: Redis) -> tuple[Any, str]:
    """How far the changes were seen, and what time it is."""
    pipe = redis.pipeline(transaction=False)
    pipe.get(names.position())
    pipe.time()
    position, (seconds, micros) = pipe.execute()
    return position, f"{seconds}.{micros:06d}"


def _say(reached: datetime, moment: str, seen: Seen) -> int:
    keys = names.changes(), names.heard(), names.position(), names.due(), names.rest("")
    rest = max(1, ceil(settings.PAGE_CACHE_CALM_SECONDS * 1_000))
    values: list[Any] = [reached.isoformat(), moment, names.WINDOW, names.TAGS_MAX, rest]
    values += [len(seen.tags), *sorted(seen.tags), *sorted(seen.calm)]
    said: int = ask_redis(lambda redis: redis.eval(SAY, len(keys), *keys, *values), 0)
    return said
