"""The pages in Redis: one question each, through the circuit, and a bounded number of each kind."""

from __future__ import annotations

from math import ceil
from typing import Any, NamedTuple

from django.conf import settings
from redis import Redis

from commerce.core.breaker import ask_redis
from commerce.core.caching import names
from commerce.core.caching.page import Page, packed, unpacked
from commerce.core.caching.rules import Asked

# Pages of a kind that end first make room; what is over needs none.
KEEP = """
local name, index, lock = KEYS[1], KEYS[2], KEYS[3]
local milliseconds, most, entry = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('SET', name, entry, 'PX', milliseconds)
redis.call('DEL', lock)
redis.call('ZADD', index, now + milliseconds, name)
redis.call('ZREMRANGEBYSCORE', index, '-inf', now)
redis.call('PEXPIRE', index, milliseconds * 2)
local over = redis.call('ZCARD', index) - most
if over > 0 then
    local ended = redis.call('ZPOPMIN', index, over)
    for n = 1, #ended, 2 do redis.call('DEL', ended[n]) end
end
return 1
"""


class Found(NamedTuple):
    """What Redis had; `answered` is False when it could not be asked."""

    answered: bool
    page: Page | None = None
    claimed: bool = False


def find(asked: Asked) -> Found:
    """The page, if Redis has it."""
    name = names.page(asked.key)
    answer = ask_redis(lambda redis: [redis.get(name)], None)
    if answer is None:
        return Found(answered=False)
    return Found(answered=True, page=unpacked(asked.key, answer[0]))


def claim(asked: Asked) -> Found:
    """Become the one who renders the page, unless another does; the page as it is then.

    One that died is not waited for any longer than others wait.
    """

    def question(redis: Redis) -> Any:
        pipe = redis.pipeline(transaction=False)
        pipe.set(
            names.lock(asked.key), b"1", nx=True, px=_milliseconds(settings.PAGE_CACHE_WAIT_SECONDS)
        )
        pipe.get(names.page(asked.key))
        return pipe.execute()

    answer = ask_redis(question, None)
    if answer is None:
        return Found(answered=False)
    mine, entry = answer
    return Found(answered=True, page=unpacked(asked.key, entry), claimed=bool(mine))


def keep(asked: Asked, page: Page) -> None:
    """Store the page for all processes and let others render it again."""
    kind = f"{asked.rule.name}:absent" if page.absent else asked.rule.name
    keys = names.page(asked.key), names.index(kind), names.lock(asked.key)
    milliseconds = _milliseconds(page.seconds + settings.PAGE_CACHE_STALE_SECONDS)
    values = milliseconds, asked.rule.entries, packed(asked.key, page)
    ask_redis(lambda redis: redis.eval(KEEP, len(keys), *keys, *values), None)


def let_go(asked: Asked) -> None:
    """Let others render the page, of which nothing was kept."""
    ask_redis(lambda redis: redis.delete(names.lock(asked.key)), None)


def _milliseconds(seconds: float) -> int:
    return ceil(seconds * 1_000)
