"""What the clients ask for: every read, and the purchase step by step."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from uuid import uuid4

from tests.load import closed_loop, web_shop
from tests.load.closed_loop import Reply, Request, Visit
from tests.load.web_shop import Buyer

DEEP = 400
LINES_OF_A_CART = 3
CARTS = 100
POPULAR = 20  # product pages that are asked for so often that they are always kept
NO_BODY = b""
PLANNING = 5.0  # a purchase's statements are planned anew for the first five uses of each


class Case(NamedTuple):
    """Visits without end, the bare view's path that they are compared with, and who serves them."""

    name: str
    visits: Iterator[Visit]
    bare: str
    server: str = "shop"
    warming: float = 0.0  # seconds at least, until each connection has planned what it asks


def message(method: str, path: str, token: str = "", body: Any = None, **headers: str) -> bytes:
    """A request as it is sent."""
    text = NO_BODY if body is None else body if isinstance(body, bytes) else json.dumps(body)
    raw = text.encode() if isinstance(text, str) else text
    lines = [f"{method} {path} HTTP/1.1", f"Host: {closed_loop.HOST}"]
    lines += [f"Authorization: Bearer {token}"] if token else []
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if method != "GET":
        key = headers.get("Idempotency-Key", uuid4())
        lines += ["Content-Type: application/json", f"Idempotency-Key: {key}"]
        lines += [f"Content-Length: {len(raw)}"]
    return "\r\n".join([*lines, "", ""]).encode() + raw


def get(path: str, token: str = "") -> bytes:
    """A read of the API."""
    return message("GET", f"/api/v1/{path}", token)


def post(step: str, path: str, token: str, body: Any) -> Request:
    """A write of the API under a key of its own."""
    return Request(step, message("POST", f"/api/v1/{path}", token, body))


def one(step: str, text: bytes) -> Visit:
    """A visit of one request."""
    yield Request(step, text)


def again(step: str, texts: list[bytes]) -> Iterator[Visit]:
    """Visits of one request each, the texts in turn."""
    return (one(step, text) for text in itertools.cycle(texts))


def bare(path: str) -> Iterator[Visit]:
    """Visits to a bare view."""
    return again("bare", [message("GET", path)])


def ask(port: int, text: bytes) -> Reply:
    """One request outside the measurement, which must succeed."""
    link = closed_loop.Connection(port)
    try:
        link.begin(one("ask", text))
        while (reply := link.receive()) is None:
            continue
    finally:
        link.socket.close()
    assert not reply.refusal, (reply, text)
    return reply


def reads(port: int, shoppers: list[Buyer], variants: list[str]) -> Iterator[Case]:
    """Every read of the shop."""

    def case(name: str, texts: list[bytes], server: str = "shop") -> Case:
        size = len(ask(port, texts[0]).body)
        return Case(name, again(name, texts), f"/constant/{size}", server)

    facets = ask(port, get("products")).json["facets"]
    leaf, brand = facets["categories"][0]["value"], facets["brands"][0]["value"]
    yield case("home", [get("home")])
    yield case("categories", [get("categories")])
    yield case("PLP", [get("products")])
    yield case("PLP, filtered", [get(f"products?category={leaf}&in_stock=true&sort=price")])
    yield case("PLP, brand by discount", [get(f"products?brand={brand}&sort=discount")])
    shown = [get(f"products/{slug}") for slug in web_shop.pages()]
    yield case("PDP", shown[:POPULAR])
    yield case("search", [get("search?q=cotton%20dress")])
    typed = [get(f"search/suggest?q={begun}") for begun in ("co", "dre", "sh")]
    yield case("suggest", typed)
    page, deep = _deep(port)
    for name, texts in {
        "PLP": [get("products?sort=popularity")],
        f"PLP, page {page}": [deep],
        "PLP, filtered": [get(f"products?category={leaf}&in_stock=true&sort=price")],
        "PDP": shown,
        "search": [get("search?q=cotton%20dress")],
        "suggest": typed,
        "home": [get("home")],
    }.items():
        yield case(f"{name}, uncached", texts, "uncached")
    for buyer in shoppers:
        for variant in random.sample(variants, LINES_OF_A_CART):
            ask(port, _add(buyer, variant).message)
    yield case("cart", [get("cart", buyer.token) for buyer in shoppers])
    owned, (best, _) = web_shop.orders(), web_shop.best_customer()
    yield case("order list", [get("orders", token) for token, _ in owned])
    yield case("order list of the best customer", [get("orders", best)])
    yield case("order", [get(f"orders/{order}", token) for token, order in owned])


def _deep(port: int) -> tuple[int, bytes]:
    """The 400th page, or the last one of a smaller shop."""
    text, number = get("products?sort=popularity"), 1
    while number < DEEP and (onward := ask(port, text).json["next"]):
        text, number = get(f"products?sort=popularity&cursor={onward}"), number + 1
    return number, text


def _add(buyer: Buyer, variant: str) -> Request:
    body = {"variant_id": variant, "quantity": 1}
    return post("add to cart", "cart/items", buyer.token, body)


def writes(adding: list[Buyer], buying: list[Buyer], variants: list[str]) -> Iterator[Case]:
    """Adding to the cart, and the whole purchase, settled in either way."""
    turns, customers = itertools.cycle(adding), itertools.cycle(buying)

    def add() -> Visit:
        yield _add(next(turns), random.choice(variants))

    def purchases(settle: Callable[..., Request]) -> Iterator[Visit]:
        return (purchase(next(customers), variants, settle) for _ in itertools.count())

    yield Case("add to cart", (add() for _ in itertools.count()), "/call")
    yield Case("purchase", purchases(verify), "/call", warming=PLANNING)
    yield Case("purchase by webhook", purchases(webhook), "/call", warming=PLANNING)


def purchase(buyer: Buyer, variants: list[str], settle: Callable[..., Request]) -> Visit:
    """Add two, check out, order, open an attempt to pay, settle it."""
    for variant in random.sample(variants, 2):
        yield _add(buyer, variant)
    where = {"address_id": buyer.address, "payment_method": "online"}
    held = yield post("checkout", "checkout", buyer.token, where)
    placing = where | {"expected_total": held.json["quote"]["total"]}
    order = yield post("order", "orders", buyer.token, placing)
    path = f"orders/{order.json['id']}/payments"
    attempt = yield post("pay", path, buyer.token, {"provider": "sandbox"})
    yield settle(buyer, attempt.json)


def verify(buyer: Buyer, attempt: dict[str, Any]) -> Request:
    """The app brings back what the provider signed."""
    from commerce.payments.providers.sandbox import sign

    order, payment = attempt["provider_order_id"], f"sbx_pay_{uuid4().hex}"
    told = {
        "provider_order_id": order,
        "provider_payment_id": payment,
        "signature": sign(f"{order}|{payment}".encode()),
    }
    return post("verify", f"payments/{attempt['id']}/verify", buyer.token, told)


def webhook(buyer: Buyer, attempt: dict[str, Any]) -> Request:
    """The provider tells of the payment by itself."""
    from commerce.payments.providers.sandbox import EVENT_ID_HEADER, SIGNATURE_HEADER, sign

    told = {
        "event": "payment.captured",
        "provider_order_id": attempt["provider_order_id"],
        "provider_payment_id": f"sbx_pay_{uuid4().hex}",
        "amount": attempt["amount"],
        "currency": attempt["currency"],
    }
    raw = json.dumps(told).encode()
    signed = {SIGNATURE_HEADER: sign(raw), EVENT_ID_HEADER: f"evt_{uuid4().hex}"}
    path = "/api/v1/payments/webhooks/sandbox"
    return Request("webhook", message("POST", path, body=raw, **signed))
