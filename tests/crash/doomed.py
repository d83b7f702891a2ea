"""A request that can be sent to its death, and repeated under the same key."""

from __future__ import annotations

import http.client
import json
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from commerce.accounts.models import User
from commerce.accounts.tokens import issue

SECONDS = 30
TELLING = frozenset({"status", "payment_status", "total", "amount"})


@dataclass(frozen=True)
class Request:
    """What a client sends, byte for byte the same at each repetition."""

    path: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    passed: tuple[str, ...] = field(compare=False)

    @property
    def states(self) -> list[tuple[str, str]]:
        """Every state and sum that it tells of, in the order in which it does."""
        told: list[tuple[str, str]] = []

        def keep(pairs: list[tuple[str, Any]]) -> None:
            told.extend((name, str(value)) for name, value in pairs if name in TELLING)

        if self.body:
            json.loads(self.body, object_pairs_hook=keep)
        return [("http", str(self.status)), *told]


def by(user: User, path: str, body: dict[str, Any]) -> Request:
    """A POST to the API by a user, under a key of its own."""
    headers = {
        "Authorization": f"Bearer {issue(user)['access']}",
        "Content-Type": "application/json",
        "Idempotency-Key": str(uuid.uuid4()),
    }
    return Request(f"/api/v1/{path}", json.dumps(body, default=str).encode(), headers)


def under_another_key(request: Request) -> Request:
    """What a client sends that forgot its key: the same intention, told as a new one."""
    return Request(request.path, request.body, request.headers | {"Idempotency-Key": "another"})


@dataclass(frozen=True)
class MortalWeb:
    """The server of `tests.crash.mortal`."""

    port: int
    log: Path

    def send(self, request: Request, *, die_before: int = 0, cut_before: int = 0) -> Answer | None:
        """The answer; None when the process died instead."""
        fate = {"X-Die-Before": str(die_before), "X-Cut-Before": str(cut_before)}
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            link.request("POST", request.path, request.body, request.headers | fate)
            answer = link.getresponse()
            passed = (answer.getheader("X-Passed") or "").split()
            return Answer(answer.status, answer.read(), tuple(passed))
        except ConnectionError:
            return None
        finally:
            link.close()

    def last_death(self) -> str:
        """What the process that died last was about to do."""
        deaths = [line for line in self.log.read_text().splitlines() if line.startswith("died")]
        return deaths[-1].removeprefix("died before ")
