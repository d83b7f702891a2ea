"""What is recorded: a guest becomes a customer, buys, sends back; the desk does its part."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from commerce.inventory.models import Inventory
from commerce.payments.providers.sandbox import sign
from tests.contracts.recording import Recorder

PHONE = "+919845012345"
DESK_PHONE = "+919900000001"
LEAVING_PHONE, OTHER_PHONE = "+919845054321", "+919845054322"
CART_TOKEN = "cart-token-of-this-example-0001"
COUPON = "WELCOME15"
V1 = "/api/v1"
ADDRESS = {
    "name": "Meera Nair",
    "phone": PHONE,
    "line1": "14, 3rd Cross, Indiranagar",
    "line2": "Near the metro station",
    "city": "Bengaluru",
    "state": "Karnataka",
    "pincode": "560001",
    "kind": "home",
}


@dataclass
class Story:
    """One recording of everything, on a shop that was made up."""

    to: Recorder
    sms: Path
    access: str = ""
    keys: int = 0
    desk: str = ""
    guest: dict[str, str] = field(default_factory=dict)

    def tell(self) -> None:
        """All of it, in the order in which an app would."""
        variant, product_id = self.browse()
        self.fill_cart(variant)
        refresh = self.log_in()
        address = self.profile(product_id)
        first = self.buy(address, variant)
        self.deliver(first)
        self.send_back(first)
        self.stock(variant)
        self.leave(refresh)
        self.system()

    @property
    def login(self) -> dict[str, str]:
        """The header of whoever is logged in."""
        return {"Authorization": f"Bearer {self.access}"}

    @property
    def keyed(self) -> dict[str, str]:
        """The same with a fresh key."""
        self.keys += 1
        return self.login | {"Idempotency-Key": f"key-of-this-example-{self.keys:02d}"}

    def browse(self) -> tuple[str, str]:
        """Home, lists, search; answers a variant to buy and its product's id."""
        to = self.to
        to.send("getHome", "GET", f"{V1}/home")
        to.send("listCategories", "GET", f"{V1}/categories")
        few = {"in_stock": "true", "sort": "popularity", "limit": "2"}
        listed = to.send("listProducts", "GET", f"{V1}/products", query=few)
        words = listed["results"][0]["name"].split()
        to.send("searchProducts", "GET", f"{V1}/search", query={"q": words[-1], "limit": "2"})
        to.send("suggestSearches", "GET", f"{V1}/search/suggest", query={"q": words[-1][:3]})
        slug = listed["results"][0]["slug"]
        page = to.send("getProduct", "GET", f"{V1}/products/{slug}")
        reach, pincode = f"{V1}/products/{slug}/delivery", {"pincode": "560001"}
        to.send("getProductDelivery", "GET", reach, query=pincode)
        to.send("getServiceability", "GET", f"{V1}/serviceability/560001")
        variant = max(page["variants"], key=lambda one: one["available"])
        return variant["id"], page["id"]

    def fill_cart(self, variant: str) -> None:
        """A guest's cart."""
        body = {"variant_id": variant, "quantity": 1}
        headers = {"Idempotency-Key": "key-of-this-example-00"}
        cart = self.to.send("addCartItem", "POST", f"{V1}/cart/items", body, headers=headers)
        token = self.to.exchanges["addCartItem"][0].answer_headers["X-Cart-Token"]
        self.to.secrets[token] = CART_TOKEN
        guest = {"X-Cart-Token": token}
        item = cart["items"][0]["id"]
        place = f"{V1}/cart/items/{item}"
        self.to.send("setCartItemQuantity", "PATCH", place, {"quantity": 1}, headers=guest)
        self.to.send("getCart", "GET", f"{V1}/cart", headers=guest)
        self.to.send("removeCartItem", "DELETE", place, headers=guest)
        self.to.client.post(f"{V1}/cart/items", body, headers=guest)
        self.guest = guest

    def log_in(self) -> str:
        """By the code that was sent; answers the refresh token."""
        self.to.send("sendLoginCode", "POST", f"{V1}/auth/otp/send", {"phone": PHONE})
        code = self.code()
        self.to.secrets[code] = "123456"
        body = {"phone": PHONE, "code": code}
        answer = self.to.send(
            "verifyLoginCode", "POST", f"{V1}/auth/otp/verify", body, headers=self.guest
        )
        place = f"{V1}/auth/token/refresh"
        renewed = self.to.send("refreshTokens", "POST", place, {"refresh": answer["refresh"]})
        self.access = renewed["access"]
        return str(renewed["refresh"])

    def code(self) -> str:
        """The newest login code."""
        newest = max(self.sms.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        found = re.search(r"[0-9]{6}", json.loads(newest.read_text())["text"])
        assert found
        return found[0]

    def profile(self, product_id: str) -> str:
        """Name, addresses, wishlist; answers the address to deliver to."""
        to, login = self.to, self.login
        to.send("updateMe", "PATCH", f"{V1}/me", {"name": "Meera Nair"}, headers=login)
        to.send("getMe", "GET", f"{V1}/me", headers=login)
        made = to.send("createAddress", "POST", f"{V1}/addresses", ADDRESS, headers=login)
        other = to.client.post(f"{V1}/addresses", ADDRESS | {"kind": "work"}, headers=login).json()
        place = f"{V1}/addresses/{made['id']}"
        to.send("getAddress", "GET", place, headers=login)
        to.send("updateAddress", "PATCH", place, {"line2": "Opposite the park"}, headers=login)
        to.send("deleteAddress", "DELETE", f"{V1}/addresses/{other['id']}", headers=login)
        to.send("listAddresses", "GET", f"{V1}/addresses", headers=login)
        wish = {"product_id": product_id}
        to.send("addToWishlist", "POST", f"{V1}/wishlist", wish, headers=login)
        to.send("addToWishlist", "POST", f"{V1}/wishlist", wish, headers=login, name="again")
        to.send("listWishlist", "GET", f"{V1}/wishlist", headers=login)
        to.send("removeFromWishlist", "DELETE", f"{V1}/wishlist/{product_id}", headers=login)
        to.send("listSessions", "GET", f"{V1}/auth/sessions", headers=login)
        return str(made["id"])

    def buy(self, address: str, variant: str) -> str:
        """Coupon, checkout, order, payment; answers the order. A second one is cancelled."""
        to, login = self.to, self.login
        how = {"address_id": address, "payment_method": "online"}
        to.send("applyCoupon", "POST", f"{V1}/cart/coupon", {"code": COUPON}, headers=login)
        to.send("removeCoupon", "DELETE", f"{V1}/cart/coupon", headers=login)
        to.send("validateCart", "POST", f"{V1}/cart/validate", how, headers=login)
        held = to.send("startCheckout", "POST", f"{V1}/checkout", how, headers=self.keyed)
        to.send("leaveCheckout", "DELETE", f"{V1}/checkout", headers=login)
        order = self.order(how, held, record=True)
        place = f"{V1}/orders/{order}"
        to.send("getOrder", "GET", place, headers=login)
        sandbox = {"provider": "sandbox"}
        paid = to.send("startPayment", "POST", f"{place}/payments", sandbox, headers=self.keyed)
        self.event(paid)
        given = (paid["provider_order_id"], "sbx_pay_0001")
        body = {
            "provider_order_id": given[0],
            "provider_payment_id": given[1],
            "signature": sign("|".join(given).encode()),
        }
        verify = f"{V1}/payments/{paid['id']}/verify"
        to.send("verifyPayment", "POST", verify, body, headers=self.keyed)
        to.send("listOrders", "GET", f"{V1}/orders", query={"limit": "2"}, headers=login)
        to.send("listRecentlyBought", "GET", f"{V1}/me/recently-bought", headers=login)
        more = {"variant_id": variant, "quantity": 1}
        to.client.post(f"{V1}/cart/items", more, headers=login)
        other = self.order(how, None, record=False)
        why = {"reason": "Ordered twice by mistake"}
        cancel = f"{V1}/orders/{other}/cancel"
        to.send("cancelOrder", "POST", cancel, why, headers=self.keyed)
        return order

    def order(self, how: dict[str, str], held: Any, *, record: bool) -> str:
        """Check out again and place the order."""
        again = self.to.client.post(f"{V1}/checkout", how, headers=self.login).json()
        body = how | {"expected_total": again["quote"]["total"]}
        if record:
            placed = self.to.send("placeOrder", "POST", f"{V1}/orders", body, headers=self.keyed)
        else:
            placed = self.to.client.post(f"{V1}/orders", body, headers=self.keyed).json()
        return str(placed["id"])

    def event(self, paid: dict[str, Any]) -> None:
        """The provider's word on the attempt."""
        body = {
            "event": "payment.captured",
            "provider_order_id": paid["provider_order_id"],
            "provider_payment_id": "sbx_pay_0001",
            "refund_id": None,
            "amount": paid["amount"],
            "currency": paid["currency"],
        }
        signed = {
            "X-Sandbox-Signature": sign(json.dumps(body).encode()),
            "X-Sandbox-Event-Id": "evt_0001",
        }
        self.to.send(
            "receiveWebhook", "POST", f"{V1}/payments/webhooks/sandbox", body, headers=signed
        )

    def deliver(self, order: str) -> None:
        """The desk packs, ships and delivers, and pays a little back."""
        self.desk = self.logged_in(DESK_PHONE)
        customer, self.access = self.access, self.desk
        steps: tuple[tuple[str, dict[str, str]], ...] = (
            ("packed", {"note": "Packed by Asha"}),
            ("shipped", {"carrier": "Delhivery", "tracking_number": "DL0001"}),
            ("out_for_delivery", {}),
            ("delivered", {}),
        )
        for to, said in steps:
            place, body = f"{V1}/orders/{order}/status", {"to": to, **said}
            self.to.send("moveOrder", "POST", place, body, headers=self.keyed, name=to)
        body = {"amount": "50.00", "reason": "The box was dented"}
        refunds = f"{V1}/orders/{order}/refunds"
        self.to.send("refundOrder", "POST", refunds, body, headers=self.keyed)
        self.access = customer

    def logged_in(self, phone: str) -> str:
        """The access token of somebody who has just logged in."""
        post = self.to.client.post
        assert post(f"{V1}/auth/otp/send", {"phone": phone}).status_code == 202
        answer = post(f"{V1}/auth/otp/verify", {"phone": phone, "code": self.code()})
        return str(answer.json()["access"])

    def send_back(self, order: str) -> None:
        """The customer asks to return, the desk takes it in."""
        bought = self.to.client.get(f"{V1}/orders/{order}", headers=self.login).json()
        line = {"order_item_id": bought["items"][0]["id"], "quantity": 1}
        body: dict[str, Any] = {"items": [line], "reason": "Too small"}
        asked = self.to.send(
            "requestReturn", "POST", f"{V1}/orders/{order}/return", body, headers=self.keyed
        )
        customer, self.access = self.access, self.desk
        place = f"{V1}/returns/{asked['id']}/status"
        received = {"order_item_id": line["order_item_id"], "condition": "restock"}
        for said in ({"to": "approved"}, {"to": "received", "items": [received]}):
            name = str(said["to"])
            self.to.send("moveReturn", "POST", place, said, headers=self.keyed, name=name)
        self.access = customer
        self.to.send("getOrder", "GET", f"{V1}/orders/{order}", headers=self.login, name="returned")

    def stock(self, variant: str) -> None:
        """Goods arrive, and some of them are broken."""
        held = Inventory.objects.select_related("variant", "warehouse").filter(variant_id=variant)[
            0
        ]
        line = {"sku": held.variant.sku, "warehouse": held.warehouse.code, "quantity": 2}
        customer, self.access = self.access, self.desk
        for operation_id, place, said in (
            ("receiveStock", "receipts", {"reference": "GRN-2026-0001"}),
            ("writeOffStock", "write-offs", {"reference": "DMG-2026-0001", "reason": "Torn"}),
        ):
            body = said | {"lines": [line]}
            self.to.send(operation_id, "POST", f"{V1}/inventory/{place}", body, headers=self.keyed)
        self.access = customer

    def leave(self, refresh: str) -> None:
        """Log out everywhere; another customer goes for good."""
        to = self.to
        to.send("endOtherSessions", "DELETE", f"{V1}/auth/sessions", headers=self.login)
        to.send("logOut", "POST", f"{V1}/auth/logout", {"refresh": refresh})
        self.access = self.logged_in(LEAVING_PHONE)
        listed = to.client.get(f"{V1}/auth/sessions", headers=self.login).json()["results"]
        place = f"{V1}/auth/sessions/{listed[0]['id']}"
        to.send("endSession", "DELETE", place, headers=self.login)
        self.access = self.logged_in(OTHER_PHONE)
        to.send("eraseMe", "DELETE", f"{V1}/me", headers=self.login)

    def system(self, name: str = "usual") -> None:
        """What a monitor asks."""
        if name == "usual":
            self.to.send("getLiveness", "GET", "/health/live")
        self.to.send("getReadiness", "GET", "/health/ready", expect=(200, 503), name=name)
