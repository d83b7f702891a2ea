"""A critical POST and its key: one effect, one answer, however often it is sent.

The key is committed by the procedure, in the transaction of its effect. What this module keeps is
the answer's text, so that a repetition reads exactly what the first one read; losing it costs
nothing but rendering it again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.http import HttpResponse
from rest_framework.request import Request

from commerce.core.errors import ProblemError
from commerce.core.models import IdempotencyKey
from commerce.core.procedures import Result
from commerce.core.renderers import ExactJSONRenderer

HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotent-Replayed"
KEEP = """
INSERT INTO idempotency_keys (owner, key, fingerprint, procedure, status, body)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (owner, key) DO UPDATE SET status = excluded.status, body = excluded.body
WHERE (idempotency_keys.body IS NULL OR %s) AND idempotency_keys.fingerprint = excluded.fingerprint
"""
KEY_PATTERN = re.compile(r"[\x21-\x7e]{1,200}")


def fingerprint(request: Request) -> str:
    """SHA-256 over method, path and canonical body."""
    body = json.dumps(request.data, sort_keys=True, separators=(",", ":"), default=str)
    text = f"{request.method}\n{request.path}\n{body}"
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
        return cls(owner, key, fingerprint(request) if key else "", procedure)

    @property
    def params(self) -> dict[str, Any]:
        """The parameters by which a procedure commits the key with its effect."""
        if self.key is None:
            return {}
        return {"p_owner": self.owner, "p_key": self.key, "p_fingerprint": self.fingerprint}

    def kept(self) -> HttpResponse | None:
        """The first answer, if it was kept; the same key with another body is refused."""
        if self.key is None:
            return None
        row = IdempotencyKey.objects.filter(owner=self.owner, key=self.key).first()
        if row is None:
            return None
        if row.fingerprint != self.fingerprint:
            raise ProblemError("key_reused", context={"procedure": row.procedure})
        if row.body is None or row.status is None:
            return None
        response = _json(row.status, row.body.encode())
        response[REPLAYED_HEADER] = "true"
        return response

    def answer_once(self, done: Result, status: int, render: Callable[[], Any]) -> HttpResponse:
        """The answer that was kept when `done` was a repetition, else this one, rendered now."""
        if done.replayed and (kept := self.kept()):
            return kept
        return self.answer(status, render())

    def answer(self, status: int, data: Any, *, anew: bool = False) -> HttpResponse:
        """Keep this answer unless one was kept before, and return the one that is kept.

        `anew` replaces the one kept before, which the world has overtaken.
        """
        body = ExactJSONRenderer().render(data)
        if self.key is None:
            return _json(status, body)
        with connection.cursor() as cursor:
            cursor.execute(
                KEEP,
                [
                    self.owner,
                    self.key,
                    self.fingerprint,
                    self.procedure,
                    status,
                    body.decode(),
                    anew,
                ],
            )
            first = cursor.rowcount == 1
        return _json(status, body) if first else self.kept() or _json(status, body)


def _json(status: int, body: bytes) -> HttpResponse:
    return HttpResponse(body, status=status, content_type="application/json")
