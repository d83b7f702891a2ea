"""Buys in a running shop, online and by cash on delivery, and sends things back.

    python -m tests.journeys.purchase [--base http://127.0.0.1:8000]

The shop's login codes are read from its SMS files, so it must run on this machine.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import uuid
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from tests.journeys.client import Answer, App, Refused, SandboxPayments

DEVELOPMENT_SECRET = "development-only-not-for-production-0123456789"
ADDRESS = {
    "name": "Meera Nair",
    "phone": "+919845012345",
    "line1": "14, 3rd Cross, Indiranagar",
    "line2": "Near the metro station",
    "city": "Bengaluru",
    "state": "Karnataka",
    "pincode": "560001",
    "kind": "home",
}


@dataclass
class Journey:
    """One shop to buy in."""

    base: str
    data_dir: Path
    secret: str
    staff_phone: str
    coupon: str

    @property
    def payments(self) -> SandboxPayments:
        """The sandbox provider of this shop."""
        return SandboxPayments(self.secret)

    def device(self) -> App:
        """A new device that nobody is logged in on."""
        return App(self.base, self.data_dir / "sms")

    def staff(self) -> App:
        """The order desk's device; it stays logged in between runs, as devices do."""
        desk, kept = self.device(), self.data_dir / "journeys" / "desk.json"
        if kept.exists():
            try:
                pair = desk.post("auth/token/refresh", {"refresh": json.loads(kept.read_text())})
                desk.access, desk.refresh = pair["access"], pair["refresh"]
            except Refused:
                desk.access = ""
        if not desk.access:
            desk.log_in(self.staff_phone)
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(json.dumps(desk.refresh))
        return desk

    def filled_cart(self, app: App, lines: int) -> Answer:
        """Browse as a guest would and put the first variants that are in stock into the cart."""
        listed = app.get("products?in_stock=true&sort=popularity&limit=24")["results"]
        added = 0
        cart: Answer = {}
        for product in listed:
            page = app.get(f"products/{product['slug']}")
            variant = next((v for v in page["variants"] if worth_buying(v)), None)
            if variant and added < lines:
                cart = app.post_twice("cart/items", {"variant_id": variant["id"], "quantity": 1})
                added += 1
        assert added == lines, f"only {added} products could be bought"
        return cart

    def checked_out(self, app: App, method: str) -> tuple[Answer, str]:
        """The quote of the checkout, and the address it is for."""
        address = app.post("addresses", ADDRESS)["id"]
        app.post("cart/validate", {"address_id": address, "payment_method": method})
        held = app.post("checkout", {"address_id": address, "payment_method": method})
        return held["quote"], address

    def online(self) -> Answer:
        """Guest → login → merge → coupon → checkout → paid → shipped → returned → refunded."""
        app = self.device()
        guest = self.filled_cart(app, 2)
        assert app.cart_token, "the guest got no cart token"
        login = app.log_in(new_phone())
        assert login["user"]["is_new"], login
        assert login["cart_merge"] is not None, login
        cart = app.get("cart")
        assert len(cart["items"]) == len(guest["items"]), "the merge lost a line"
        if self.coupon:
            with_coupon = app.send("POST", "cart/coupon", {"code": self.coupon})
            assert with_coupon["coupon"]["applied"], with_coupon
        quote, address = self.checked_out(app, "online")
        placing = {
            "address_id": address,
            "payment_method": "online",
            "expected_total": quote["total"],
        }
        order = app.post_twice("orders", placing)
        assert order["status"] == "pending_payment", order
        attempt = app.post_twice(f"orders/{order['id']}/payments", {"provider": "sandbox"})
        assert Decimal(attempt["amount"]) == Decimal(quote["total"])
        self.settle(app, attempt)
        self.deliver(order)
        self.send_back(app, order)
        return app.wait_for(
            f"orders/{order['id']}", status="returned", payment_status=self.refunded(order)
        )

    def settle(self, app: App, attempt: Answer) -> None:
        """Pay: the client's return and the webhook both tell of it, more than once."""
        paid = self.payments.pay(attempt)
        event_id = f"evt_{uuid.uuid4().hex}"
        verified = app.post(f"payments/{attempt['id']}/verify", paid)
        assert verified["status"] == "captured", verified
        assert verified["order"]["status"] == "confirmed", verified
        for _ in range(2):
            self.payments.webhook(app, attempt, paid, event_id=event_id)
        again = app.post(f"payments/{attempt['id']}/verify", paid)
        assert again == verified, "settling twice changed something"

    def deliver(self, order: Answer) -> None:
        """The order desk packs, ships and delivers."""
        desk = self.staff()
        for step in (
            {"to": "packed"},
            {"to": "shipped", "carrier": "Delhivery", "tracking_number": f"DL{order['number']}"},
            {"to": "out_for_delivery"},
            {"to": "delivered", "note": "Handed to the customer"},
        ):
            moved = desk.post(f"orders/{order['id']}/status", step)
            assert moved["status"] == step["to"], moved

    def send_back(self, app: App, order: Answer) -> None:
        """Return every unit; the desk approves and receives, and the money goes back."""
        items = [
            {"order_item_id": item["id"], "quantity": item["quantity"]} for item in order["items"]
        ]
        body = {"items": items, "reason": "Too small for my daughter"}
        back = app.post_twice(f"orders/{order['id']}/return", body)
        desk = self.staff()
        desk.post(f"returns/{back['id']}/status", {"to": "approved"})
        received = desk.post(f"returns/{back['id']}/status", {"to": "received"})
        assert received["status"] in {"received", "closed"}, received

    @staticmethod
    def refunded(order: Answer) -> str:
        """The payment status when all items are back: fees that were paid stay with the shop."""
        fees = Decimal(order["totals"]["shipping"]) + Decimal(order["totals"]["cod_fee"])
        return "partially_refunded" if fees else "refunded"

    def cash_on_delivery(self) -> Answer:
        """Login → cart → checkout → order confirmed → delivered and paid in cash."""
        app = self.device()
        app.log_in(new_phone())
        self.filled_cart(app, 1)
        quote, address = self.checked_out(app, "cod")
        placing = {
            "address_id": address,
            "payment_method": "cod",
            "expected_total": quote["total"],
        }
        order = app.post_twice("orders", placing)
        assert (order["status"], order["payment_status"]) == ("confirmed", "cod_due"), order
        self.deliver(order)
        return app.wait_for(f"orders/{order['id']}", status="delivered", payment_status="paid")


def worth_buying(variant: Answer) -> bool:
    """Whether there is enough of it, and two of its kind reach the coupon's minimum."""
    return bool(variant["available"] >= 3 and Decimal(variant["price"]) >= 300)


def new_phone() -> str:
    """A number that nobody has used here."""
    return f"+916{random.SystemRandom().randrange(10**9):09d}"


def main() -> int:
    """Run both journeys and say how they ended."""
    root = Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__)
    port = os.environ.get("PORT", "8000")
    parser.add_argument("--base", default=f"http://127.0.0.1:{port}")
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("DATA_DIR", root / ".data"))
    parser.add_argument(
        "--secret", default=os.environ.get("PAYMENT_SANDBOX_SECRET", DEVELOPMENT_SECRET)
    )
    parser.add_argument("--staff-phone", default="+919900000001")
    parser.add_argument("--coupon", default="WELCOME15")
    given = parser.parse_args()
    journey = Journey(given.base, given.data_dir, given.secret, given.staff_phone, given.coupon)
    try:
        journey.device().get("home")
    except OSError:
        parser.error(f"nothing answers on {given.base}; is `make demo` running, on which PORT?")
    for name, walk in (("online", journey.online), ("cash", journey.cash_on_delivery)):
        order = walk()
        sys.stdout.write(
            f"{name}: {order['number']} {order['status']}, {order['payment_status']}, "
            f"₹{order['totals']['total']}\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
