"""The production web server, and customers who use it from many places at once."""

from __future__ import annotations

import http.client
import json
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from django.db import models

from commerce.accounts.models import Address, User
from commerce.accounts.tokens import issue
from commerce.payments.providers.sandbox import EVENT_ID_HEADER, SIGNATURE_HEADER, sign
from tests.concurrency.buying import customers
from tests.concurrency.racing import blocked, holding, wait_until
from tests.journeys.live import wait_until_alive
from tests.shop.processes import free_port, running

CLIENTS = 16
PROCESSES, THREADS = 2, 8
SECONDS = 60
UNLIMITED = "1000000/min"
LIMITS = ("AUTH", "CRITICAL", "STANDARD", "REPORTS", "WEBHOOKS")


class Answer(NamedTuple):
    """What the shop answered."""

    status: int
    text: bytes
    retry_after: str | None

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.text)

    @property
    def outcome(self) -> str:
        """The status, with the code of a refusal."""
        code = self.json["code"] if self.status >= 400 else ""
        return f"{self.status} {code}".strip()


@dataclass(frozen=True)
class Client:
    """One customer's app on one device."""

    port: int
    token: str = ""
    sent: dict[str, str] = field(default_factory=dict)

    def ask(
        self, method: str, path: str, body: Any = None, *, key: str = "", **headers: str
    ) -> Answer:
        """One request on a connection of its own."""
        text = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
        named = {"Content-Type": "application/json"}
        named |= {"Authorization": f"Bearer {self.token}"} if self.token else {}
        named |= {"Idempotency-Key": key} if key else {}
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            link.request(method, f"/api/v1/{path}", text, named | headers)
            answer = link.getresponse()
            return Answer(answer.status, answer.read(), answer.getheader("Retry-After"))
        finally:
            link.close()

    def post(self, path: str, body: Any = None, *, key: str = "", **headers: str) -> Answer:
        """One POST under a key of its own unless one is given."""
        return self.ask("POST", path, body, key=key or str(uuid.uuid4()), **headers)

    def insist(self, path: str, body: Any, key: str) -> Answer:
        """POST under the key until the answer is not "come back later"."""
        end = time.monotonic() + SECONDS
        while (answer := self.post(path, body, key=key)).retry_after is not None:
            assert time.monotonic() < end, answer
            time.sleep(0.02)
        return answer

    def capture(self, attempt: dict[str, Any], provider_payment_id: str, event_id: str) -> Answer:
        """What the provider sends when an attempt was paid."""
        told = {
            "event": "payment.captured",
            "provider_order_id": attempt["provider_order_id"],
            "provider_payment_id": provider_payment_id,
            "amount": attempt["amount"],
            "currency": attempt["currency"],
        }
        return self.webhook(told, event_id)

    def webhook(self, told: dict[str, Any], event_id: str) -> Answer:
        """A signed event of the provider."""
        raw = json.dumps(told).encode()
        signed = {SIGNATURE_HEADER: sign(raw), EVENT_ID_HEADER: event_id}
        return self.ask("POST", "payments/webhooks/sandbox", raw, **signed)


@dataclass(frozen=True)
class Customer:
    """A customer with an address, and the app they are logged in with."""

    user: User
    address: Address
    app: Client

    @property
    def where(self) -> dict[str, str]:
        """Address and method of an order that is paid in cash."""
        return {"address_id": str(self.address.id), "payment_method": "cod"}

    def buy(self, method: str = "cod") -> Answer:
        """Check out and order what is in the cart; answers the last step that was taken."""
        where = self.where | {"payment_method": method}
        held = self.app.post("checkout", where)
        if held.status != 201:
            return held
        return self.app.post("orders", where | {"expected_total": held.json["quote"]["total"]})


@dataclass(frozen=True)
class Web:
    """The running server."""

    port: int

    def client(self, user: User) -> Client:
        """An app that is logged in as the user."""
        return Client(self.port, issue(user)["access"])

    def customers(self, number: int) -> list[Customer]:
        """Customers with an address each."""
        return [
            Customer(address.user, address, self.client(address.user))
            for address in customers(number)
        ]


def together(requests: Sequence[Callable[[], Answer]], clients: int = CLIENTS) -> list[Answer]:
    """Send all of them, so many at a time; answers in the order of the requests."""
    with ThreadPoolExecutor(min(clients, len(requests))) as pool:
        return [sent.result() for sent in [pool.submit(one) for one in requests]]


def piled_up(
    row: models.Model, requests: Sequence[Callable[[], Answer]], wave: int = PROCESSES * THREADS
) -> list[Answer]:
    """Send all of them, the first wave of which meets while another transaction holds the row."""
    with holding(row) as let_go, ThreadPoolExecutor(len(requests)) as pool:
        sent = [pool.submit(one) for one in requests]
        wait_until(lambda: blocked() >= wave)
        let_go()
        return [one.result() for one in sent]


@contextmanager
def serving(folder: Path, **changed: str) -> Iterator[Web]:
    """The web server with two processes, unless `changed` without a limit on how often one asks."""
    port = free_port()
    size = ("--workers", str(PROCESSES), "--blocking-threads", str(THREADS))
    limits = {f"RATE_LIMIT_{name}": UNLIMITED for name in LIMITS}
    log = folder / "web.log"
    with running(
        log,
        *("granian", "--interface", "wsgi", *size, "--port", str(port), "config.wsgi:application"),
        DATA_DIR=str(folder),
        ACCESS_TOKEN_SECONDS="86400",
        **limits | changed,
    ):
        wait_until_alive(f"http://127.0.0.1:{port}/health/live", log)
        yield Web(port)
