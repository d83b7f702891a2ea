"""What makes other shops answer 500 is refused here by every operation that can be sent it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from commerce.accounts.models import User, UserStatus
from commerce.accounts.tokens import issue
from tests.contracts.fuzz_shop import Known
from tests.contracts.operations import Operation, bodies, operations, spoiled

NESTED = {"lists": "[" * 100_000, "objects": '{"a":' * 100_000}
HUGE = {"beyond int4": 2**31, "beyond int8": 2**63, "below": -(2**63) - 1, "beyond all": 10**400}
UNSTORABLE = {"NUL": "a\x00b", "half a surrogate pair": "\ud800"}
ODD_DECIMALS = ("NaN", "Infinity", "-1", "1e999999999", "9" * 400, "0.001", "१२", "1_0")
NOT_ASCII = "sïgnature-₹-हस्ताक्षर"

Ask = Callable[..., str]


@pytest.fixture
def ask(known: Known) -> Ask:
    """Sends as staff who may do everything; what is wrong with the answer, or ''."""
    client = Client(raise_request_exception=False)

    def sent(
        one: Operation, path: str, body: str | bytes = b"", *, ok: bool = False, **more: str
    ) -> str:
        headers = {"Authorization": f"Bearer {known.staff}", "Idempotency-Key": "a-key"}
        request: dict[str, Any] = {"headers": headers | more}
        if one.takes_body:
            request |= {"data": body, "content_type": "application/json"}
        answer: Any = getattr(client, one.method.lower())(path, **request)
        status, kind = answer.status_code, answer.get("Content-Type", "")
        refused = 400 <= status < 500 and kind == "application/problem+json"
        if status in one.answers and (refused or (ok and status < 400)):
            return ""
        tried = f"{one.id} {path[:80]} {str(body)[:80]!r} {more}"
        return f"{tried} → {status} {kind} {answer.content[:200]!r}"

    return sent


def with_body() -> Iterator[Operation]:
    """The operations that read a JSON body; a webhook's is read once its signature holds."""
    return (one for one in operations() if one.takes_body and one.id != "receiveWebhook")


def test_every_operation_with_a_body_is_tried(known: Known) -> None:
    assert set(bodies(known.words)) == {one.id for one in operations() if one.takes_body}


@pytest.mark.parametrize("name", NESTED)
def test_deep_nesting_is_refused(known: Known, ask: Ask, name: str) -> None:
    wrong = [ask(one, one.at(known.words), NESTED[name]) for one in with_body()]

    assert [one for one in wrong if one] == []


@pytest.mark.parametrize("name", UNSTORABLE)
def test_text_that_cannot_be_stored_is_refused_in_every_field(
    known: Known, ask: Ask, name: str
) -> None:
    wrong = [
        ask(one, one.at(known.words), json.dumps(body))
        for one in with_body()
        for _, body in spoiled(bodies(known.words)[one.id], str, UNSTORABLE[name])
    ]

    assert len(wrong) > 40
    assert [one for one in wrong if one] == []


@pytest.mark.parametrize("text", ["a%00b", "%ED%A0%80", "%FF%FE"])
def test_text_that_cannot_be_stored_is_refused_in_every_address(
    known: Known, ask: Ask, text: str
) -> None:
    wrong = []
    for one in operations():
        where = one.at(known.words)
        for parameter in one.named("query"):
            wrong.append(
                ask(one, f"{where}?{parameter['name']}={text}", b"{}", ok="%00" not in text)
            )
        for parameter in one.named("path"):
            wrong.append(ask(one, one.at(known.words, **{parameter["name"]: text}), b"{}"))

    assert [one for one in wrong if one] == []


@pytest.mark.parametrize("name", HUGE)
def test_numbers_beyond_the_database_are_refused_in_every_field(
    known: Known, ask: Ask, name: str
) -> None:
    wrong = [
        ask(one, one.at(known.words), json.dumps(body))
        for one in with_body()
        for _, body in spoiled(bodies(known.words)[one.id], int, HUGE[name])
    ]

    assert len(wrong) > 5
    assert [one for one in wrong if one] == []


@pytest.mark.parametrize("name", HUGE)
def test_numbers_beyond_the_database_are_no_fault_in_any_filter(
    known: Known, ask: Ask, name: str
) -> None:
    wrong = [
        ask(one, f"{one.at(known.words)}?{parameter['name']}={HUGE[name]}", ok=True)
        for one in operations()
        for parameter in one.named("query")
        if one.method == "GET"
    ]

    assert [one for one in wrong if one] == []


@pytest.mark.parametrize("amount", ODD_DECIMALS)
def test_odd_amounts_are_refused(known: Known, ask: Ask, amount: str) -> None:
    fields = {"placeOrder": "expected_total", "refundOrder": "amount"}
    wrong = []
    for one in operations():
        if field := fields.get(one.id):
            body = bodies(known.words)[one.id] | {field: amount}
            wrong.append(ask(one, one.at(known.words), json.dumps(body)))
        if "min_price" in {parameter["name"] for parameter in one.named("query")}:
            wrong.append(ask(one, f"{one.path}?q=a&min_price={amount}"))

    assert len(wrong) == 4
    assert [one for one in wrong if one] == []


def test_a_signature_that_is_not_ascii_is_refused(known: Known, ask: Ask) -> None:
    by_id = {one.id: one for one in operations()}
    verify, webhook = by_id["verifyPayment"], by_id["receiveWebhook"]
    body = bodies(known.words)["verifyPayment"] | {"signature": NOT_ASCII}
    event = {"X-Sandbox-Event-Id": "evt_1", "X-Sandbox-Signature": NOT_ASCII}

    assert ask(verify, verify.at(known.words), json.dumps(body)) == ""
    assert ask(webhook, webhook.at(known.words), "{}", **event) == ""
    event = {"X-Sandbox-Event-Id": NOT_ASCII, "X-Sandbox-Signature": "0" * 64}
    assert ask(webhook, webhook.at(known.words), "{}", **event) == ""


@pytest.mark.parametrize(
    "header", ["Authorization", "X-Cart-Token", "Idempotency-Key", "Accept-Language"]
)
def test_a_header_that_is_not_ascii_is_no_fault(known: Known, ask: Ask, header: str) -> None:
    wrong = [
        ask(one, one.at(known.words), b"{}", ok=True, **{header: NOT_ASCII}) for one in operations()
    ]

    assert [one for one in wrong if one and " 503 " not in one] == []


@pytest.mark.parametrize("state", [UserStatus.ERASED, UserStatus.DEACTIVATED])
def test_the_tokens_of_somebody_who_is_gone_are_refused(known: Known, state: str) -> None:
    user = User.objects.create_user(f"+91980000000{len(state)}")
    tokens = issue(user)
    User.objects.filter(id=user.id).update(status=state)
    client = Client(raise_request_exception=False)

    refresh = client.post(
        "/api/v1/auth/token/refresh",
        {"refresh": tokens["refresh"]},
        content_type="application/json",
    )
    access = client.get("/api/v1/me", headers={"Authorization": f"Bearer {tokens['access']}"})

    assert (refresh.status_code, access.status_code) == (401, 401)
