"""How often a client may ask: buckets in Redis, and in the database while Redis is away.

Which operation belongs to which category and whom it counts is ADR 16
(docs/adr/0016-buckets-in-redis.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from math import ceil
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from prometheus_client import Counter
from redis import Redis
from redis.exceptions import NoScriptError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from commerce.core.breaker import ask_redis
from commerce.core.clients import client_network
from commerce.core.errors import ProblemError
from commerce.core.rates import Rate

REFUSED = Counter("rate_limited_requests", "Requests turned away.", ["category"])
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
HELD_WITHOUT_REDIS = ("auth", "critical", "reports")
ALWAYS_HELD = ("auth",)
TAKE_IN_REDIS = """
-- Takes a token of every bucket KEYS[n] or, if one of them is empty, of none.
-- ARGV: limit and milliseconds of each. A token comes back so long after it was taken. Tokens that
-- were taken within a twelfth of that time come back together, with the last of them: a bucket is
-- thirteen triples (first taken, last taken, how many) at most, and never gives more than its limit
-- in any stretch of its time. Answers {empty, left, milliseconds until tokens come back} of each.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local buckets, answers, refused = {}, {}, false
for n, key in ipairs(KEYS) do
    local limit, span = tonumber(ARGV[2 * n - 1]), tonumber(ARGV[2 * n])
    local kept, taken = {}, 0
    local packed = redis.call('GET', key)
    local triples = packed and cmsgpack.unpack(packed) or {}
    for at = 1, #triples, 3 do
        if triples[at + 1] + span > now then
            kept[#kept + 1] = triples[at]
            kept[#kept + 1] = triples[at + 1]
            kept[#kept + 1] = triples[at + 2]
            taken = taken + triples[at + 2]
        end
    end
    buckets[n] = kept
    local empty = taken >= limit
    refused = refused or empty
    answers[n] = {empty and 1 or 0, math.max(limit - taken, 0), span}
    if #kept > 0 then
        answers[n][3] = kept[2] + span - now
    end
end
if not refused then
    for n, key in ipairs(KEYS) do
        local span, kept = tonumber(ARGV[2 * n]), buckets[n]
        local last = #kept
        if last > 0 and now - kept[last - 2] < span / 12 then
            kept[last - 1], kept[last] = now, kept[last] + 1
            if last == 3 then
                answers[n][3] = span
            end
        else
            kept[last + 1], kept[last + 2], kept[last + 3] = now, now, 1
        end
        answers[n][2] = answers[n][2] - 1
        redis.call('SET', key, cmsgpack.pack(kept), 'PX', span)
    end
end
return answers
"""
TAKE_IN_DATABASE = """
INSERT INTO rate_windows AS kept (bucket, ends_at, taken)
SELECT bucket, clock_timestamp() + make_interval(secs => seconds), 1
FROM unnest(%(buckets)s::text[], %(seconds)s::integer[]) AS asked (bucket, seconds)
ORDER BY bucket
ON CONFLICT (bucket) DO UPDATE
SET taken = CASE WHEN kept.ends_at > clock_timestamp() THEN kept.taken + 1 ELSE 1 END,
    ends_at = CASE
        WHEN kept.ends_at > clock_timestamp() THEN kept.ends_at ELSE excluded.ends_at
    END,
    updated_at = clock_timestamp()
RETURNING bucket, taken, ceil(extract(epoch FROM ends_at - clock_timestamp()) * 1000)::bigint
"""


class Policy(NamedTuple):
    """One limit that a request counts against: of which kind, and whose."""

    name: str
    subject: str
    rate: Rate

    @property
    def bucket(self) -> str:
        """Where its tokens are kept."""
        return f"shop:rate:{self.name}:{self.subject}"


class Level(NamedTuple):
    """What is in a policy's bucket after a request."""

    empty: bool
    left: int
    milliseconds: int

    @property
    def seconds(self) -> int:
        """Until tokens come back, rounded up."""
        return max(ceil(self.milliseconds / 1000), 1)


class RateLimits(BaseThrottle):
    """Counts each request once it is known who asks, and turns it away when it is one too many."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """True, or ProblemError `rate_limited`; the headers tell how much is left."""
        policies = policies_of(request, view)
        levels = take(policies)
        if not levels:
            return True
        named = list(zip(policies, levels, strict=True))
        view.headers["RateLimit-Policy"] = ", ".join(
            f'"{policy.name}";q={policy.rate.limit};w={policy.rate.seconds}' for policy, _ in named
        )
        view.headers["RateLimit"] = ", ".join(
            f'"{policy.name}";r={level.left};t={level.seconds}' for policy, level in named
        )
        if refusals := [(policy, level) for policy, level in named if level.empty]:
            policy, level = max(refusals, key=lambda one: one[1].milliseconds)
            REFUSED.labels(policy.name).inc()
            raise ProblemError(
                "rate_limited",
                retry_after=level.seconds,
                context={
                    "policy": policy.name,
                    "limit": policy.rate.limit,
                    "seconds": policy.rate.seconds,
                },
            )
        return True


def category_of(route: str, method: str | None) -> str:
    """To which category of limits a request to this route belongs; empty for what has none."""
    if route in settings.UNLIMITED_ROUTES:
        return ""
    if route in settings.AUTH_ROUTES:
        return "auth"
    if route in settings.WEBHOOK_ROUTES:
        return "webhooks"
    if route.startswith(tuple(settings.REPORT_PREFIXES)):
        return "reports"
    critical = route in settings.CRITICAL_ROUTES and method not in SAFE_METHODS
    return "critical" if critical else "standard"


def policies_of(request: Request, view: Any) -> list[Policy]:
    """The limits that a request counts against.

    A view may name the subject itself by `rate_subject(request)`, where it knows better than the
    address who asks.
    """
    match = request.resolver_match
    category = category_of((match and match.url_name) or "", request.method)
    if not category:
        return []
    user, network = request.user, client_network(request)
    subject = f"user:{user.pk}" if user.is_authenticated else f"ip:{network}"
    if category in ("auth", "webhooks"):
        named = getattr(view, "rate_subject", None)
        subject = (named and named(request)) or f"ip:{network}"
    policies = [Policy(category, subject, settings.RATE_LIMITS[category])]
    if category == "critical":
        by_ip = Policy("critical-ip", f"ip:{network}", settings.RATE_LIMITS["critical-ip"])
        policies = [*policies, by_ip] if user.is_authenticated else [by_ip]
    return policies


def take(policies: Sequence[Policy]) -> list[Level]:
    """Take a token of every policy or of none, and answer what is left; empty: nothing counted.

    While Redis is away the database counts for what must hold all the same, and the rest goes on
    uncounted: shopping is not stopped by a server that only makes it quicker. Logins that Redis
    lets pass are counted there too, so that one that comes and goes lets no more through.
    """
    if not policies:
        return []
    category = policies[0].name.removesuffix("-ip")
    levels = ask_redis(lambda redis: _taken_in_redis(redis, policies), None)
    if levels is None:
        return _taken_in_database(policies) if category in HELD_WITHOUT_REDIS else []
    if category in ALWAYS_HELD and not any(level.empty for level in levels):
        held = _taken_in_database(policies)
        return held if any(level.empty for level in held) else levels
    return levels


def _taken_in_redis(redis: Redis, policies: Sequence[Policy]) -> list[Level]:
    script, sha = TAKE_IN_REDIS, _sha()
    keys = [policy.bucket for policy in policies]
    limits = [number for one in policies for number in (one.rate.limit, one.rate.seconds * 1000)]
    try:
        found: Any = redis.evalsha(sha, len(keys), *keys, *limits)
    except NoScriptError:
        found = redis.eval(script, len(keys), *keys, *limits)
    return [Level(bool(empty), left, milliseconds) for empty, left, milliseconds in found]


def _taken_in_database(policies: Sequence[Policy]) -> list[Level]:
    values: dict[str, Any] = {
        "buckets": [policy.bucket for policy in policies],
        "seconds": [policy.rate.seconds for policy in policies],
    }
    with connection.cursor() as cursor:
        cursor.execute(TAKE_IN_DATABASE, values)
        rows = {bucket: (taken, milliseconds) for bucket, taken, milliseconds in cursor.fetchall()}
    levels = []
    for policy in policies:
        taken, milliseconds = rows[policy.bucket]
        left = policy.rate.limit - taken
        levels.append(Level(left < 0, max(left, 0), milliseconds))
    return levels


@cache
def _sha() -> str:
    """The name by which Redis knows the script."""
    return hashlib.sha1(TAKE_IN_REDIS.encode(), usedforsecurity=False).hexdigest()
