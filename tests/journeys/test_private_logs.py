"""A whole purchase with its mishaps: no line of any log tells who bought, or what opens a door."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection

from tests.journeys.client import Answer, App, Refused
from tests.journeys.live import LiveShop
from tests.journeys.purchase import ADDRESS, Journey, new_phone
from tests.shop.builder import Shop

PROCESSES = ("web", "worker", "beat")
PERSONAL = {"phone", "name", "email", "line1", "line2", "signature", "access", "refresh"}
BREAK = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE wait_event_type = 'Lock' AND datname = current_database()"
)
PATIENCE_SECONDS = 60


@dataclass
class Heard:
    """What was said over the wire: things that are nobody's business, and refusals."""

    private: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)
    refusals: list[str] = field(default_factory=list)

    def private_things(self, said: Any, key: str = "") -> None:
        """Remember the personal and the secret of a body that was sent."""
        if isinstance(said, Mapping):
            for name, inner in said.items():
                self.private_things(inner, name)
        elif isinstance(said, list):
            for inner in said:
                self.private_things(inner, key)
        elif isinstance(said, str) and key == "code" and said.isdigit():
            self.codes.add(said)
        elif isinstance(said, str) and key in PERSONAL:
            self.private.add(said)


@dataclass
class Overheard(App):
    """A device whose every word is remembered."""

    heard: Heard = field(default_factory=Heard)

    def send(self, method: str, path: str, body: Any = None, **options: Any) -> Answer:
        """One request; its secrets and its refusal are noted."""
        self.heard.private_things(body)
        self.heard.private_things(
            {"signature": (options.get("headers") or {}).get("X-Sandbox-Signature")}
        )
        try:
            answer = super().send(method, path, body, **options)
        except Refused as refused:
            self.heard.refusals.append(str(refused))
            raise
        self.heard.private_things({name: answer[name] for name in PERSONAL & {*answer} - {"name"}})
        if self.cart_token:
            self.heard.private.add(self.cart_token)
        return answer


@dataclass
class OverheardJourney(Journey):
    """A purchase of which every word is remembered."""

    heard: Heard = field(default_factory=Heard)

    def device(self) -> App:
        """A new device."""
        return Overheard(self.base, self.data_dir / "sms", heard=self.heard)


def mishaps(journey: OverheardJourney) -> App:
    """Everything that can be refused while somebody's data is in the request."""
    app, phone = journey.device(), new_phone()
    app.send("POST", "auth/otp/send", {"phone": phone}, headers={"X-Request-ID": "asks-1"})
    code = app.code_for(phone, since=0)
    login = app.send("POST", "auth/otp/verify", {"phone": phone, "code": code})
    app.access, app.refresh = login["access"], login["refresh"]
    app.send("PATCH", "me", {"name": "Farhan Qureshi", "email": "farhan.q@example.net"})
    wrong = [
        ("POST", "auth/otp/verify", {"phone": phone, "code": "864207"}),
        ("POST", "auth/otp/send", {"phone": phone[:-1]}),
        ("POST", "auth/otp/send", {"phone": phone}),  # too soon
        ("POST", "auth/token/refresh", {"refresh": app.refresh[:-2]}),
        ("POST", "addresses", ADDRESS | {"kind": "+919845012345", "surprise": "Meera Nair"}),
        ("PATCH", "me", {"email": "farhan.q@example"}),
        ("POST", "cart/coupon", {"code": "+919845012345"}),
        ("GET", "orders/01994f3a-7c00-7000-8000-000000000001", None),
    ]
    for method, path, body in wrong:
        with suppress(Refused):
            app.send(method, path, body)
    for raw in (b'{"phone": "+919845012345', b'{"name": "Farhan Qureshi\\u0000"}'):
        with suppress(Refused):
            app.send("POST", "addresses", raw=raw)
    signed = {"X-Sandbox-Signature": "ab" * 32, "X-Sandbox-Event-Id": "evt_1"}
    with suppress(Refused):
        app.send("POST", "payments/webhooks/sandbox", raw=b"{}", headers=signed)
    stranger = journey.device()
    stranger.access = app.access[:-3] + "abc"
    with suppress(Refused):
        stranger.get("me")
    return app


def database_failure(app: App) -> None:
    """The connection dies under a statement that holds the customer's data."""

    def ask() -> None:
        with suppress(Refused):
            app.send("PATCH", "me", {"name": "Farhan Qureshi"}, headers={"X-Request-ID": "dies-1"})

    asking = threading.Thread(target=ask)
    with connection.cursor() as cursor:
        connection.set_autocommit(False)
        cursor.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
        asking.start()
        end = time.monotonic() + PATIENCE_SECONDS
        while asking.is_alive() and time.monotonic() < end:  # a worker's may break too
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(BREAK)
            asking.join(0.1)
        connection.rollback()
        connection.set_autocommit(True)
    asking.join()


def entries(log: str) -> Iterator[dict[str, Any]]:
    """The lines of a log that are JSON."""
    for line in log.splitlines():
        if line.startswith("{"):
            yield json.loads(line)


def named(line: dict[str, Any], request_id: str) -> bool:
    """Whether a line belongs to a request."""
    return bool(line.get("request_id") == request_id)


def test_no_log_and_no_refusal_tells_anything_personal(shop: Shop, live_shop: LiveShop) -> None:
    # given a purchase all the way and back, every kind of refusal and a dying connection
    secret: str = settings.PAYMENT_SANDBOX_SECRET
    place = (live_shop.base, live_shop.data_dir, secret, "+919900000001", "WELCOME15")
    journey = OverheardJourney(*place)
    journey.online()
    app = mishaps(journey)
    database_failure(app)

    # when all that was written is read
    logs = {name: (live_shop.data_dir / f"{name}.log").read_text() for name in PROCESSES}
    told = "\n".join([*logs.values(), *journey.heard.refusals])

    # then nothing of it is there
    private = {one for one in journey.heard.private if len(one) > 3} | {secret}
    assert len(private) > 20
    assert {one for one in private if one in told} == set()
    codes = journey.heard.codes
    assert len(codes) > 3
    assert {one for one in codes if re.search(rf"(?<![\w.-]){one}(?![\w.-])", told)} == set()
    # and the lines of a request and of the job that it led to bear one name
    asked = [line for log in logs.values() for line in entries(log) if named(line, "asks-1")]
    assert [line["logger"] for line in asked] == ["commerce.procedures", "celery.app.trace"]
    # and the refusal names the lines that explain it
    (died,) = [one for one in journey.heard.refusals if "dies-1" in one]
    assert "temporarily_unavailable" in died
    lines = [line for line in entries(logs["web"]) if named(line, "dies-1")]
    assert [one["message"] for one in lines] == ["database unavailable"]
