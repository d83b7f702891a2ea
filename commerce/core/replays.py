"""Answers that were asked for again, in Redis, where the next repetitions find them.

The database answers the first repetition, and few answers have one: putting each of them here at
once took a tenth of every purchase's time in Python. Who repeats in a loop asks Redis.

Never truth: an entry is signed over all that it claims, so one that is wrong, cut short, of another
request or of another make is as good as none, and the database answers. Only final answers come
here, none that time can overtake.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID, uuid5

from django.conf import settings
from django.utils.crypto import salted_hmac
from prometheus_client import Counter

from commerce.core.breaker import ask_redis

VERSION = b"1"
ENTRY = re.compile(
    VERSION + rb"\.([0-9a-f]{64})\.([0-9a-f]{64})\.([a-z_]+)\.([0-9]{3})\.(.*)", re.DOTALL
)
REPLAYED = Counter("idempotent_replays", "Repetitions answered as the first.", ["source"])
DISTRUSTED = Counter("idempotent_replays_distrusted", "Entries in Redis that nobody signed.")


@dataclass(frozen=True)
class Kept:
    """A first answer, and of which request it was."""

    fingerprint: str
    procedure: str
    status: int
    body: bytes


def request_id(owner: UUID, key: str) -> UUID:
    """One id for a key of an owner."""
    return uuid5(owner, key)


def found(owner: UUID, key: str) -> Kept | None:
    """The answer that Redis has and that is certainly ours."""
    name = _name(owner, key)
    entry = ask_redis(lambda redis: redis.get(name), None)
    if not isinstance(entry, bytes):
        return None
    parts = ENTRY.fullmatch(entry)
    if parts is None or not hmac.compare_digest(parts[1].decode(), _signed(name, entry[67:])):
        DISTRUSTED.inc()
        return None
    return Kept(parts[2].decode(), parts[3].decode(), int(parts[4]), parts[5])


def put(owner: UUID, key: str, kept: Kept) -> None:
    """Show an answer that the database keeps to repetitions to come, for a while."""
    name, seconds = _name(owner, key), settings.IDEMPOTENCY_REPLAY_SECONDS
    head = f"{kept.fingerprint}.{kept.procedure}.{kept.status}."
    content = head.encode() + kept.body
    entry = b".".join((VERSION, _signed(name, content).encode(), content))
    ask_redis(lambda redis: redis.set(name, entry, ex=seconds), None)


def forget(keys: Iterable[tuple[UUID, str]]) -> None:
    """Drop answers; one that Redis can't be asked to drop now ends with its lifetime."""
    names = [_name(owner, key) for owner, key in keys]
    if names:
        ask_redis(lambda redis: redis.delete(*names), None)


def _name(owner: UUID, key: str) -> str:
    return f"{settings.CACHES['default']['KEY_PREFIX']}:answer:{request_id(owner, key)}"


def _signed(name: str, content: bytes) -> str:
    text = name.encode() + b"\n" + content
    return salted_hmac("commerce.core.replays", text, algorithm="sha256").hexdigest()
