"""For each operation of the API the rows that it needs and the call that would succeed."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.management import call_command
from django.urls import reverse

from commerce.accounts import otp, tokens
from commerce.accounts.models import User
from commerce.cart.models import CartItem
from commerce.catalog.shelf import keeping
from commerce.core.models import InstalledProcedure
from commerce.core.procedures import call
from commerce.orders.models import Order, Return
from commerce.payments.providers.sandbox import sign
from commerce.wishlist.models import Wishlist
from tests.security.cast import Cast

ADDRESS = {
    "name": "Meera Nair",
    "phone": "+919800000000",
    "line1": "12 Residency Road",
    "city": "Bengaluru",
    "state": "Karnataka",
    "pincode": "560001",
}


@dataclass(frozen=True)
class Call:
    """Where a request goes and what it carries."""

    path: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, client: Any, method: str, route: str, **changes: Any) -> Any:
        """The answer; `changes` replace the body."""
        body = changes.get("body", self.body)
        raw = json.dumps(body).encode() if body is not None else None
        return client.generic(
            method,
            reverse(route, kwargs=self.path),
            raw or b"",
            content_type="application/json" if raw else "application/octet-stream",
            query_params=self.query,
            headers={"Idempotency-Key": str(uuid.uuid4()), **self.headers},
        )


Maker = Callable[[Cast, str, str], Call]
CALLS: dict[tuple[str, str], Maker] = {}


def of(*operations: str) -> Callable[[Maker], Maker]:
    """Says for which `METHOD route` the function makes the call."""

    def kept(maker: Maker) -> Maker:
        for one in operations:
            method, route = one.split()
            CALLS[method, route] = maker
        return maker

    return kept


@of(
    "GET front",
    "GET problems",
    "GET live",
    "GET metrics",
    "GET schema",
    "GET docs",
    "GET redoc",
    "GET home",
    "GET categories",
    "GET products",
    "GET me",
    "DELETE me",
    "GET wishlist",
    "DELETE cart-coupon",
)
def bare(cast: Cast, role: str, whose: str) -> Call:
    return Call()


@of("GET ready")
def readiness(cast: Cast, role: str, whose: str) -> Call:
    if not InstalledProcedure.objects.exists():
        call_command("procedures", "install", stdout=io.StringIO())
    return Call()


@of("GET problem")
def a_problem(cast: Cast, role: str, whose: str) -> Call:
    return Call({"code": "not_found"})


@of("GET product")
def a_product(cast: Cast, role: str, whose: str) -> Call:
    product = cast.shop.variant().product
    keeping.catch_up(wait=True)
    return Call({"slug": product.slug})


@of("GET search", "GET suggest")
def a_search(cast: Cast, role: str, whose: str) -> Call:
    return Call(query={"q": "romper"})


@of("GET serviceability")
def a_pincode(cast: Cast, role: str, whose: str) -> Call:
    return Call({"pincode": "560001"})


@of("GET product-delivery")
def a_product_at_a_pincode(cast: Cast, role: str, whose: str) -> Call:
    variant = cast.shop.variant()
    keeping.catch_up(wait=True)
    return Call({"slug": variant.product.slug}, query={"pincode": "560001"})


@of("POST auth-otp-send")
def a_phone(cast: Cast, role: str, whose: str) -> Call:
    return Call(body={"phone": _phone()})


@of("POST auth-otp-verify")
def a_code(cast: Cast, role: str, whose: str) -> Call:
    phone = _phone()
    code, _, _ = otp.send(phone, "127.0.0.1")
    return Call(body={"phone": phone, "code": code})


@of("POST auth-token-refresh", "POST auth-logout")
def a_refresh_token(cast: Cast, role: str, whose: str) -> Call:
    return Call(body={"refresh": tokens.issue(cast.customer)["refresh"]})


@of("GET auth-sessions", "DELETE auth-sessions")
def own_logins(cast: Cast, role: str, whose: str) -> Call:
    tokens.issue(cast.customer, tokens.Device(name=cast.customer.name))
    return Call()


@of("DELETE auth-session")
def the_login(cast: Cast, role: str, whose: str) -> Call:
    tokens.issue(cast.customer)
    return Call({"session_id": tokens.living(cast.customer.id).latest("created_at").id})


@of("PATCH me")
def a_name(cast: Cast, role: str, whose: str) -> Call:
    return Call(body={"name": "Meera"})


@of("GET addresses")
def own_addresses(cast: Cast, role: str, whose: str) -> Call:
    cast.shop.address(cast.customer, name=cast.customer.name)
    return Call()


@of("POST addresses")
def a_new_address(cast: Cast, role: str, whose: str) -> Call:
    return Call(body=ADDRESS)


@of("GET address", "DELETE address")
def the_address(cast: Cast, role: str, whose: str) -> Call:
    return Call({"address_id": cast.shop.address(cast.customer).id})


@of("PATCH address")
def a_changed_address(cast: Cast, role: str, whose: str) -> Call:
    return Call({"address_id": cast.shop.address(cast.customer).id}, {"city": "Mysuru"})


@of("POST wishlist")
def a_wish(cast: Cast, role: str, whose: str) -> Call:
    product = cast.shop.variant().product
    keeping.catch_up(wait=True)
    return Call(body={"product_id": str(product.id)})


@of("DELETE wishlist-item")
def a_wish_fulfilled(cast: Cast, role: str, whose: str) -> Call:
    product = cast.shop.product()
    for person in cast.people.values():
        Wishlist.objects.create(user=person, product=product)
    return Call({"product_id": product.id})


@of("GET cart")
def a_cart(cast: Cast, role: str, whose: str) -> Call:
    cast.fill_cart(role, whose)
    cast.fill_cart("customer", "own")
    return Call()


@of("POST cart-items")
def a_piece(cast: Cast, role: str, whose: str) -> Call:
    return Call(body={"variant_id": str(cast.shop.variant().id), "quantity": 1})


@of("PATCH cart-item")
def another_quantity(cast: Cast, role: str, whose: str) -> Call:
    return Call(_line_of(cast, role, whose), {"quantity": 2})


@of("DELETE cart-item")
def a_line(cast: Cast, role: str, whose: str) -> Call:
    return Call(_line_of(cast, role, whose))


@of("POST cart-coupon")
def a_coupon(cast: Cast, role: str, whose: str) -> Call:
    cast.fill_cart(role, whose)
    return Call(body={"code": cast.shop.coupon(f"C{uuid.uuid4().hex[:8]}".upper()).code})


@of("POST cart-validate")
def a_cart_to_check(cast: Cast, role: str, whose: str) -> Call:
    cast.fill_cart(role, "own")
    if whose == "own":
        return Call(body={"payment_method": "online"})
    return Call(body={"address_id": str(cast.shop.address(cast.customer).id)})


@of("POST checkout")
def a_checkout(cast: Cast, role: str, whose: str) -> Call:
    cast.fill_cart(role, "own")
    owner = cast.subject(role, whose) or cast.customer
    address = cast.shop.address(owner)
    return Call(body={"address_id": str(address.id), "payment_method": "online"})


@of("DELETE checkout")
def a_checkout_left(cast: Cast, role: str, whose: str) -> Call:
    user = cast.subject(role, whose)
    if user is not None:
        cast.shop.checked_out({cast.shop.variant(): 1}, user=user)
    return Call()


@of("GET orders", "GET recently-bought")
def own_orders(cast: Cast, role: str, whose: str) -> Call:
    _placed(cast)
    return Call()


@of("POST orders")
def an_order(cast: Cast, role: str, whose: str) -> Call:
    owner = cast.subject(role, whose) or cast.customer
    cart = cast.shop.checked_out({cast.shop.variant(): 1}, user=owner)
    total = str(cast.shop.quote(cart.id)["total"])
    body = {"address_id": str(cart.address_id), "payment_method": "online"}
    return Call(body={**body, "expected_total": total})


@of("GET order")
def the_order(cast: Cast, role: str, whose: str) -> Call:
    return Call({"order_id": _placed(cast).id})


@of("POST order-cancel")
def a_cancellation(cast: Cast, role: str, whose: str) -> Call:
    return Call({"order_id": _placed(cast).id}, {"reason": "Too late"})


@of("POST order-pay")
def an_attempt(cast: Cast, role: str, whose: str) -> Call:
    return Call({"order_id": _placed(cast).id}, {"provider": "sandbox"})


@of("POST order-return")
def a_return(cast: Cast, role: str, whose: str) -> Call:
    order = _delivered(cast)
    items = [{"order_item_id": str(order.items.get().id), "quantity": 1}]
    return Call({"order_id": order.id}, {"items": items, "reason": "Too small"})


@of("POST payment-verify")
def a_proof(cast: Cast, role: str, whose: str) -> Call:
    payment = cast.shop.attempt(_placed(cast))
    paid = f"pay_{uuid.uuid4().hex}"
    body = {
        "provider_order_id": payment.provider_order_id,
        "provider_payment_id": paid,
        "signature": sign(f"{payment.provider_order_id}|{paid}".encode()),
    }
    return Call({"payment_id": payment.id}, body)


@of("POST payment-webhook")
def an_event(cast: Cast, role: str, whose: str) -> Call:
    payment = cast.shop.attempt(_placed(cast))
    body = {
        "event": "payment.captured",
        "provider_order_id": payment.provider_order_id,
        "provider_payment_id": f"pay_{uuid.uuid4().hex}",
        "amount": str(payment.amount),
        "currency": "INR",
    }
    headers = {
        "X-Sandbox-Signature": sign(json.dumps(body).encode()),
        "X-Sandbox-Event-Id": uuid.uuid4().hex,
    }
    return Call({"provider_name": "sandbox"}, body, headers=headers)


@of("POST order-status")
def a_step(cast: Cast, role: str, whose: str) -> Call:
    order = cast.shop.paid({cast.shop.variant(): 1}, user=cast.customer)
    return Call({"order_id": order.id}, {"to": "packed"})


@of("POST order-refunds")
def a_refund(cast: Cast, role: str, whose: str) -> Call:
    order = _delivered(cast)
    items = [{"order_item_id": str(order.items.get().id), "quantity": 1}]
    return Call({"order_id": order.id}, {"items": items, "reason": "Stain"})


@of("POST return-status")
def a_return_received(cast: Cast, role: str, whose: str) -> Call:
    order = _delivered(cast)
    item = str(order.items.get().id)
    call(
        "request_return",
        p_order_id=order.id,
        p_user_id=cast.customer.id,
        p_items=[{"order_item_id": item, "quantity": 1}],
        p_reason="Too small",
        p_window_days=15,
    )
    made = Return.objects.get(order=order)
    call(
        "update_return_status",
        p_return_id=made.id,
        p_to="approved",
        p_actor_id=None,
        p_actor_kind="system",
    )
    items = [{"order_item_id": item, "condition": "damaged"}]
    return Call({"return_id": made.id}, {"to": "received", "items": items})


@of("POST inventory-receipts")
def a_receipt(cast: Cast, role: str, whose: str) -> Call:
    return Call(body={"reference": uuid.uuid4().hex, "lines": _stock_lines(cast)})


@of("POST inventory-write-offs")
def a_write_off(cast: Cast, role: str, whose: str) -> Call:
    lines = _stock_lines(cast)
    return Call(body={"reference": uuid.uuid4().hex, "lines": lines, "reason": "Moths"})


def _phone() -> str:
    return f"+9196{uuid.uuid4().int % 10**8:08d}"


def _line_of(cast: Cast, role: str, whose: str) -> dict[str, Any]:
    cast.fill_cart(role, whose)
    owner: User | None = cast.customer if whose == "customer's" else None
    line = CartItem.objects.filter(cart__user=owner, cart__status="open", is_deleted=False)
    return {"item_id": line.latest("created_at").id}


def _placed(cast: Cast) -> Order:
    return cast.shop.placed({cast.shop.variant(): 1}, user=cast.customer)


def _delivered(cast: Cast) -> Order:
    return cast.shop.delivered({cast.shop.variant(): 1}, user=cast.customer)


def _stock_lines(cast: Cast) -> list[dict[str, Any]]:
    return [{"sku": cast.shop.variant().sku, "warehouse": "BLR", "quantity": 1}]
