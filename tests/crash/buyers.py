"""Clients that buy, insist on an answer, and remember what they were told."""

from __future__ import annotations

import http.client
import json
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from commerce.payments.providers.sandbox import EVENT_ID_HEADER, SIGNATURE_HEADER, sign

PATIENCE = 40.0
PAUSE = 0.05
GOODWILL = Decimal("40.00")
# A job's turn comes first; the request that died is still taken for one under way
LATER = frozenset({b"stock_not_consumed", b"request_in_progress"})
SECONDS = 10


class Unanswered(Exception):
    """The shop gave no final answer for longer than any client would wait."""


@dataclass(frozen=True)
class Customer:
    """Somebody with an address who is logged in."""

    user_id: str
    token: str
    address_id: str


@dataclass
class Remembered:
    """One order as its buyer knows it from answers: each was given, so each must be found."""

    customer: Customer
    units: dict[str, int]
    order_id: str = ""
    number: str = ""
    total: Decimal = Decimal(0)
    fees: Decimal = Decimal(0)
    status: str = ""
    payment_status: str = ""
    captured: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    confirmed: bool = False
    items: list[Any] = field(default_factory=list)


@dataclass
class Buyer:
    """A client with a seeded will; `counts` is how its requests went."""

    port: int
    chance: random.Random
    variants: Sequence[str]
    desk: str
    coupon: str
    counts: Counter[str] = field(default_factory=Counter)

    def insist(
        self,
        path: str,
        body: Any,
        *,
        token: str = "",
        headers: dict[str, str] | None = None,
        raw: bytes = b"",
    ) -> Any:
        """POST under one key until there is an answer; what is no final answer is sent again."""
        own = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
        own |= {"Authorization": f"Bearer {token}"} if token else {}
        own |= headers or {}
        text = raw or json.dumps(body).encode()
        return self.until_answered("POST", path, text, own)

    def again(self, headers: dict[str, str]) -> dict[str, str]:
        """The headers of a repetition: the same."""
        return headers

    def until_answered(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Any:
        """Send until there is an answer that is final."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                status, said = self.send(method, path, body, headers)
            except (OSError, http.client.HTTPException):
                self.counts["broken off"] += 1
            else:
                if status < 400:
                    self.counts["answered"] += 1
                    return json.loads(said)
                self.counts[f"answered {status}"] += 1
                if status != 503 and not any(code in said for code in LATER):
                    raise AssertionError(f"{method} {path} → {status} {said.decode()}")
            time.sleep(PAUSE)
            headers = self.again(headers)
        raise Unanswered(path)

    def send(
        self, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        """One request on a connection of its own."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            link.request(method, f"/api/v1/{path}", body, headers)
            answer = link.getresponse()
            return answer.status, answer.read()
        finally:
            link.close()

    def wait_until_confirmed(self, known: Remembered) -> None:
        """Look at the order until its payment, of which the shop was told, has arrived."""
        headers = {"Authorization": f"Bearer {known.customer.token}"}
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            order = self.until_answered("GET", f"orders/{known.order_id}", b"", headers)
            if order["status"] != "pending_payment":
                return
            time.sleep(PAUSE)
        raise Unanswered(f"orders/{known.order_id}")

    def buy(self, customer: Customer) -> Remembered:
        """One purchase as far as chance takes it; everything it says was acknowledged."""
        chosen = self.chance.sample(self.variants, self.chance.randint(1, 2))
        known = Remembered(customer, {variant: self.chance.randint(1, 2) for variant in chosen})
        method = self.chance.choice(("online", "online", "cod"))
        self.order(known, method)
        ways: list[Callable[[Remembered], None]] = [self.leave, self.cancel]
        ways += [self.pay, self.pay_and_more] * 2 if method == "online" else [self.deliver]
        self.chance.choice(ways)(known)
        return known

    def order(self, known: Remembered, method: str) -> None:
        """Cart, sometimes a coupon, checkout, order."""
        token = known.customer.token
        for variant, quantity in known.units.items():
            self.insist("cart/items", {"variant_id": variant, "quantity": quantity}, token=token)
        if self.chance.random() < 0.4:
            self.insist("cart/coupon", {"code": self.coupon}, token=token)
        where = {"address_id": known.customer.address_id, "payment_method": method}
        quote = self.insist("checkout", where, token=token)["quote"]
        placed = self.insist("orders", where | {"expected_total": quote["total"]}, token=token)
        known.order_id, known.number = placed["id"], placed["number"]
        known.total, known.items = Decimal(quote["total"]), placed["items"]
        known.fees = Decimal(placed["totals"]["shipping"]) + Decimal(placed["totals"]["cod_fee"])
        self.told(known, placed)
        known.confirmed = method == "cod"

    @staticmethod
    def told(known: Remembered, order: Any) -> None:
        """Remember the states in an answer."""
        known.status, known.payment_status = order["status"], order["payment_status"]

    def leave(self, known: Remembered) -> None:
        """Go away."""

    def cancel(self, known: Remembered) -> None:
        """Cancel; a refund may still be on its way when the answer comes."""
        path = f"orders/{known.order_id}/cancel"
        self.told(known, self.insist(path, {"reason": "x"}, token=known.customer.token))
        if known.captured:
            known.refunded, known.payment_status = known.captured, "refunded"

    def pay(self, known: Remembered) -> None:
        """Pay; the webhook, the client's return, or both tell of it."""
        token = known.customer.token
        attempt = self.insist(
            f"orders/{known.order_id}/payments", {"provider": "sandbox"}, token=token
        )
        paid = {
            "provider_order_id": attempt["provider_order_id"],
            "provider_payment_id": f"pay_{uuid.uuid4().hex}",
        }
        by = self.chance.choice(("webhook", "client", "both"))
        if by != "client":
            self.webhook(paid, attempt)
        if by != "webhook":
            signed = sign("|".join(paid.values()).encode())
            path = f"payments/{attempt['id']}/verify"
            self.insist(path, paid | {"signature": signed}, token=token)
        self.wait_until_confirmed(known)
        known.captured, known.confirmed = known.total, True
        known.status, known.payment_status = "confirmed", "paid"

    def webhook(self, paid: dict[str, str], attempt: Any) -> None:
        """The provider's word; an event that was received may still wait for its settlement."""
        told = {"event": "payment.captured", "amount": attempt["amount"], "currency": "INR", **paid}
        raw = json.dumps(told).encode()
        headers = {SIGNATURE_HEADER: sign(raw), EVENT_ID_HEADER: f"evt_{uuid.uuid4().hex}"}
        self.insist("payments/webhooks/sandbox", None, headers=headers, raw=raw)

    def pay_and_more(self, known: Remembered) -> None:
        """What can happen to a paid order."""
        self.pay(known)
        self.chance.choice((self.cancel, self.deliver, self.goodwill, self.send_back))(known)

    def deliver(self, known: Remembered) -> None:
        """The order desk takes the order all the way."""
        for step in (
            {"to": "packed"},
            {"to": "shipped", "carrier": "Delhivery", "tracking_number": known.number},
            {"to": "out_for_delivery"},
            {"to": "delivered"},
        ):
            path = f"orders/{known.order_id}/status"
            self.told(known, self.insist(path, step, token=self.desk))
        known.captured = known.total

    def goodwill(self, known: Remembered) -> None:
        """The order desk pays a part back."""
        body = {"amount": str(GOODWILL), "reason": "goodwill"}
        self.insist(f"orders/{known.order_id}/refunds", body, token=self.desk)
        known.refunded, known.payment_status = GOODWILL, "partially_refunded"

    def send_back(self, known: Remembered) -> None:
        """Everything is delivered, sent back, received and paid back."""
        self.deliver(known)
        items = [{"order_item_id": one["id"], "quantity": one["quantity"]} for one in known.items]
        path = f"orders/{known.order_id}/return"
        body = {"items": items, "reason": "x"}
        back = self.insist(path, body, token=known.customer.token)
        for to in ("approved", "received"):
            self.insist(f"returns/{back['id']}/status", {"to": to}, token=self.desk)
        known.refunded = known.captured - known.fees
        known.status, known.payment_status = "returned", "partially_refunded"


class Unlucky(Buyer):
    """Every other answer gets lost on its way to this client."""

    def send(
        self, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        """The answer, or none although the shop gave one."""
        answer = super().send(method, path, body, headers)
        if self.chance.random() < 0.5:
            raise ConnectionResetError("the answer was lost")
        return answer


class Forgetful(Unlucky):
    """Not even the key of what it sent is remembered."""

    def again(self, headers: dict[str, str]) -> dict[str, str]:
        """The headers of a repetition: with a key of its own."""
        return headers | {"Idempotency-Key": str(uuid.uuid4())}
