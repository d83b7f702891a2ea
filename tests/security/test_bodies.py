"""Bodies that would cost more than they are worth are refused before anything believes them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from commerce.core.json_text import loads
from commerce.payments.providers.sandbox import sign
from tests.api.conftest import Api
from tests.security.calls import CALLS, Call
from tests.security.cast import Cast, every_row
from tests.security.matrix import LINES, Line
from tests.shop.builder import Shop

HUGE = ["1e999999999", "1e-999999999", "1e99999999999999999999", "9" * 65, "0." + "1" * 64]
NOT_THEIRS: dict[str, Any] = {
    "id": "00000000-0000-7000-8000-000000000001",
    "user_id": "00000000-0000-7000-8000-000000000001",
    "status": "paid",
    "price": "0.01",
    "total": "0.01",
    "is_staff": True,
    "is_superuser": True,
    "groups": [1],
    "version": 99,
    "created_at": "2020-01-01T00:00:00Z",
    "__proto__": {"is_staff": True},
}
# Every line with a body of ours; the webhook's is the provider's own, and signed by it.
WRITES = {
    (line.method, line.route): line
    for line in LINES
    if line.method in {"POST", "PATCH"} and line.route != "payment-webhook"
}.values()


@pytest.mark.parametrize("number", HUGE)
def test_number_that_no_shop_needs_is_refused(shop: Shop, api: Api, number: str) -> None:
    body = f'{{"variant_id": "x", "quantity": {number}}}'

    answer = api(shop.user()).post("/api/v1/cart/items", body, content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")


@pytest.mark.parametrize("number", HUGE)
def test_signed_event_with_such_a_number_is_refused(shop: Shop, api: Api, number: str) -> None:
    body = f'{{"event": "payment.captured", "amount": {number}}}'.encode()

    answer = api().post(
        "/api/v1/payments/webhooks/sandbox",
        body,
        content_type="application/json",
        headers={"X-Sandbox-Signature": sign(body), "X-Sandbox-Event-Id": "e"},
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")


@pytest.mark.parametrize("number", ["0", "-12", "9999999999.99", "1e3", "1.5E-3"])
def test_ordinary_number_is_exact(number: str) -> None:
    assert Decimal(loads(number)) == Decimal(number)


def nested(body: Any, pointer: str = "") -> list[tuple[str, dict[str, Any]]]:
    """Every object in a body with its JSON pointer."""
    found = [(pointer, body)] if isinstance(body, dict) else []
    inner = body.items() if isinstance(body, dict) else enumerate(body)
    for name, one in inner:
        if isinstance(one, dict | list):
            found += nested(one, f"{pointer}/{name}")
    return found


@pytest.mark.parametrize("line", WRITES, ids=str)
def test_field_that_is_not_the_clients_is_refused_by_name(shop: Shop, api: Api, line: Line) -> None:
    cast = Cast(shop, api)
    role = next(one for one in ("customer", "administrator", "guest") if line.statuses[one] < 300)
    call: Call = CALLS[line.method, line.route](cast, role, line.whose)
    client = cast.client(role)
    before = every_row()

    for pointer, _ in nested(call.body):
        body = json.loads(json.dumps(call.body))
        target = dict(nested(body))[pointer]
        extra = {name: one for name, one in NOT_THEIRS.items() if name not in target}
        target |= extra
        answer = call.send(client, line.method, line.route, body=body)

        assert (answer.status_code, answer.json()["code"]) == (400, "validation_failed")
        named = {one["pointer"] for one in answer.json()["errors"]}
        assert {f"{pointer}/{name}" for name in extra} <= named

    assert every_row() == before
