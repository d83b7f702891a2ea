"""A customer's app in a few lines: JSON over HTTP, with nothing but the standard library."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Answer = dict[str, Any]


class Refused(Exception):
    """The shop answered with a problem document."""

    def __init__(self, method: str, path: str, status: int, problem: Answer) -> None:
        super().__init__(f"{method} {path} → {status} {problem.get('code')}: {problem}")
        self.status = status
        self.code = str(problem.get("code", ""))


@dataclass
class App:
    """One device: it remembers its tokens, and makes a fresh idempotency key for each intention."""

    base: str
    sms_dir: Path
    access: str = ""
    refresh: str = ""
    cart_token: str = ""
    seen: list[str] = field(default_factory=list)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str = "",
        raw: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """One request; raises Refused for a problem document."""
        request = urllib.request.Request(f"{self.base}/api/v1/{path}", method=method)  # noqa: S310
        request.add_header("Content-Type", "application/json")
        if self.access:
            request.add_header("Authorization", f"Bearer {self.access}")
        if self.cart_token:
            request.add_header("X-Cart-Token", self.cart_token)
        if key:
            request.add_header("Idempotency-Key", key)
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        if raw is None and body is not None:
            raw = json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, raw, timeout=30) as response:  # noqa: S310
                text = response.read()
                self.cart_token = response.headers.get("X-Cart-Token") or self.cart_token
        except urllib.error.HTTPError as error:
            problem = json.loads(error.read() or b"{}")
            if problem.get("code") == "rate_limited":  # wait as told, as an app does
                time.sleep(int(error.headers["Retry-After"]))
                return self.send(method, path, body, key=key, raw=raw, headers=headers)
            raise Refused(method, path, error.code, problem) from None
        self.seen.append(f"{method} {path}")
        parsed: Answer = json.loads(text) if text else {}
        return parsed

    def get(self, path: str) -> Answer:
        """Read."""
        return self.send("GET", path)

    def post(self, path: str, body: Any = None) -> Answer:
        """Act once."""
        return self.send("POST", path, body or {}, key=str(uuid.uuid4()))

    def post_twice(self, path: str, body: Any = None) -> Answer:
        """Act once although the request is sent twice under one key."""
        key = str(uuid.uuid4())
        first = self.send("POST", path, body or {}, key=key)
        again = self.send("POST", path, body or {}, key=key)
        assert again == first, f"POST {path}: the repetition answered something else"
        return first

    def log_in(self, phone: str) -> Answer:
        """Log in by the code from the SMS file."""
        before = time.time()
        self.send("POST", "auth/otp/send", {"phone": phone})
        code = self.code_for(phone, since=before - 1)
        answer = self.send("POST", "auth/otp/verify", {"phone": phone, "code": code})
        self.access, self.refresh = answer["access"], answer["refresh"]
        self.cart_token = ""
        return answer

    def code_for(self, phone: str, *, since: float) -> str:
        """The newest login code that was sent to the phone, waiting for it for a while."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            newest = sorted(
                (path for path in self.sms_dir.glob("*.json") if path.stat().st_mtime >= since),
                key=lambda path: path.stat().st_mtime,
                reverse=True,
            )
            for path in newest:
                message = json.loads(path.read_text())
                digits = [word.strip(".,") for word in message["text"].split()]
                codes = [word for word in digits if word.isdigit() and len(word) == 6]
                if message["to"] == phone and codes:
                    return str(codes[0])
            time.sleep(0.2)
        raise AssertionError(f"No login code came for {phone} in {self.sms_dir}")

    def wait_for(self, path: str, **wanted: str) -> Answer:
        """Read until the answer shows these values; workers finish some things a moment later."""
        end = time.monotonic() + 90
        while True:
            answer = self.get(path)
            if all(answer[name] == value for name, value in wanted.items()):
                return answer
            if time.monotonic() > end:
                raise AssertionError(f"GET {path} never showed {wanted}: {answer}")
            time.sleep(0.5)


@dataclass(frozen=True)
class SandboxPayments:
    """The payment provider's part: it signs what it confirms."""

    secret: str

    def sign(self, message: bytes) -> str:
        """HMAC-SHA256 hex."""
        return hmac.new(self.secret.encode(), message, hashlib.sha256).hexdigest()

    def pay(self, attempt: Answer) -> Answer:
        """What the provider gives the app after a payment of the attempt."""
        order_id, payment_id = attempt["provider_order_id"], f"sbx_pay_{uuid.uuid4().hex}"
        return {
            "provider_order_id": order_id,
            "provider_payment_id": payment_id,
            "signature": self.sign(f"{order_id}|{payment_id}".encode()),
        }

    def webhook(self, app: App, attempt: Answer, paid: Answer, *, event_id: str) -> Answer:
        """Tell the shop of the capture by webhook."""
        body = json.dumps(
            {
                "event": "payment.captured",
                "provider_order_id": paid["provider_order_id"],
                "provider_payment_id": paid["provider_payment_id"],
                "refund_id": None,
                "amount": attempt["amount"],
                "currency": attempt["currency"],
            }
        ).encode()
        return app.send(
            "POST",
            "payments/webhooks/sandbox",
            raw=body,
            headers={"X-Sandbox-Signature": self.sign(body), "X-Sandbox-Event-Id": event_id},
        )
