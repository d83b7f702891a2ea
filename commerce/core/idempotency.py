"""A critical POST and its key: one effect, one answer, however often it is sent.

The key is committed by the procedure, in the transaction of its effect: that alone is the
guarantee. What this module adds is the answer's text, so that a repetition reads exactly what the
first one read, and manners towards a repetition that comes while the first is under way: it waits
a little for the first's answer, then it is told to come again.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from rest_framework.request import Request

from commerce.core import in_flight, prepared, replays
from commerce.core.errors import ProblemError
from commerce.core.renderers import ExactJSONRenderer
from commerce.core.replays import REPLAYED, Kept, request_id

HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotent-Replayed"
# A key that is there came with its effect and is on the disk. The answer's text need not wait for
# that: lost with the machine, it is rendered once more.
KEEP = """
WITH left_behind AS (DELETE FROM requests_in_flight WHERE id = %(id)s AND token = %(token)s)
INSERT INTO idempotency_keys (owner, key, fingerprint, procedure, status, body)
SELECT %(owner)s::uuid, %(key)s, %(fingerprint)s, %(procedure)s, %(status)s::integer, %(body)s
FROM set_config('synchronous_commit', CASE
    WHEN EXISTS (SELECT FROM idempotency_keys WHERE owner = %(owner)s::uuid AND key = %(key)s)
    THEN 'off' ELSE current_setting('synchronous_commit') END, TRUE)
ON CONFLICT (owner, key) DO UPDATE SET status = excluded.status, body = excluded.body
WHERE (idempotency_keys.body IS NULL OR %(anew)s)
  AND idempotency_keys.fingerprint = excluded.fingerprint
RETURNING TRUE AS kept
"""
KEY_PATTERN = re.compile(r"[\x21-\x7e]{1,200}")
PAUSE, LONGEST_PAUSE = 0.02, 0.2

Done = TypeVar("Done")


def fingerprint(request: Request, owner: UUID) -> str:
    """SHA-256 over method, path, owner and canonical body."""
    body = json.dumps(request.data, sort_keys=True, separators=(",", ":"), default=str)
    text = f"{request.method}\n{request.path}\n{owner}\n{body}"
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Claim:
    """One request's right to act once under its key; without a key it may act again."""

    owner: UUID
    key: str | None
    fingerprint: str
    procedure: str

    @classmethod
    def of(cls, request: Request, owner: UUID, procedure: str, *, required: bool = False) -> Claim:
        """Read the key from the header; a missing or malformed one is refused by name."""
        key = request.headers.get(HEADER)
        if key is None and required:
            raise ProblemError("idempotency_key_required", context={"header": HEADER})
        if key is not None and not KEY_PATTERN.fullmatch(key):
            raise ProblemError("idempotency_key_invalid", context={"header": HEADER})
        return cls(owner, key, fingerprint(request, owner) if key else "", procedure)

    @property
    def params(self) -> dict[str, Any]:
        """The parameters by which a procedure commits the key with its effect."""
        if self.key is None:
            return {}
        return {"p_owner": self.owner, "p_key": self.key, "p_fingerprint": self.fingerprint}

    def once(
        self,
        status: int,
        act: Callable[[], Done],
        render: Callable[[Done], Any],
        *,
        lasting: Callable[[Kept], bool] | None = None,
    ) -> HttpResponse:
        """Act and answer, or answer what the first request under this key was answered.

        An answer that the world can overtake is given again only while `lasting` says so of it, and
        replaced after that; Redis never has such a one.
        """
        if self.key is None:
            return _json(status, _rendered(render(act())))
        if lasting is None and (known := replays.found(self.owner, self.key)):
            return self._again(known, "redis")
        entered = self._enter(self.key, lasting or _always)
        if isinstance(entered, Kept):
            if lasting is None:
                replays.put(self.owner, self.key, entered)
            return self._again(entered, "database")
        token, anew = entered
        turn = Turn(self, self.key, token, status)
        try:
            return turn.taken(act, render, anew=anew)
        except BaseException:
            turn.leave()
            raise

    def _enter(self, key: str, lasting: Callable[[Kept], bool]) -> Kept | tuple[UUID, bool]:
        """An answer that stands, or a token to act by and whether an answer was overtaken.

        While another request is in, wait a little for its answer, then refuse with 409.
        """
        end = time.monotonic() + settings.IDEMPOTENCY_WAIT_SECONDS
        pause, anew = PAUSE, False
        while True:
            found = in_flight.enter(self.owner, key, self.fingerprint, anew=anew)
            if found.used_by and found.used_by[0] != self.fingerprint:
                raise ProblemError("key_reused", context={"procedure": found.used_by[1]})
            if found.kept and lasting(found.kept):
                if found.token:  # another was quicker to renew what had been overtaken
                    in_flight.leave(self.owner, key, found.token)
                return found.kept
            if found.token:
                return found.token, anew
            if found.kept and not anew:
                anew = True
                continue
            if found.other not in {None, self.fingerprint}:
                raise ProblemError("key_reused")
            if time.monotonic() + pause > end:
                raise ProblemError("request_in_progress", retry_after=settings.RETRY_AFTER_SECONDS)
            time.sleep(random.SystemRandom().uniform(pause / 2, pause))
            pause = min(pause * 1.5, LONGEST_PAUSE)

    def _again(self, kept: Kept, source: str) -> HttpResponse:
        """The first answer; the same key with another request is refused."""
        if kept.fingerprint != self.fingerprint:
            raise ProblemError("key_reused", context={"procedure": kept.procedure})
        REPLAYED.labels(source).inc()
        response = _json(kept.status, kept.body)
        response[REPLAYED_HEADER] = "true"
        return response


@dataclass(frozen=True)
class Turn:
    """The one request under a key that acts now."""

    claim: Claim
    key: str
    token: UUID
    status: int

    def taken(
        self, act: Callable[[], Done], render: Callable[[Done], Any], *, anew: bool
    ) -> HttpResponse:
        """Act, keep the answer unless one was kept before, and answer what is kept.

        `anew` replaces the one kept before, which the world has overtaken.
        """
        done = act()
        if getattr(done, "replayed", False) and (kept := self._kept()):
            self.leave()
            return self.claim._again(kept, "database")
        body = _rendered(render(done))
        if not self._keep(body, anew=anew) and (kept := self._kept()):
            return self.claim._again(kept, "database")
        return _json(self.status, body)

    def _keep(self, body: bytes, *, anew: bool) -> bool:
        """Keep the answer and let others in, in one; False when another answer stays."""
        claim = self.claim
        answer = {
            "id": request_id(claim.owner, self.key),
            "token": self.token,
            "owner": claim.owner,
            "key": self.key,
            "fingerprint": claim.fingerprint,
            "procedure": claim.procedure,
            "status": self.status,
            "body": body.decode(),
            "anew": anew,
        }
        return bool(prepared.rows(KEEP, answer))

    def _kept(self) -> Kept | None:
        return in_flight.kept(self.claim.owner, self.key)

    def leave(self) -> None:
        """Let a repetition in."""
        in_flight.leave(self.claim.owner, self.key, self.token)


def _always(_: Kept) -> bool:
    return True


def _rendered(data: Any) -> bytes:
    return bytes(ExactJSONRenderer().render(data))


def _json(status: int, body: bytes) -> HttpResponse:
    return HttpResponse(body, status=status, content_type="application/json")
