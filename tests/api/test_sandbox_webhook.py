"""What the sandbox's webhook refuses: unsigned, malformed, or silent about the money."""

from __future__ import annotations

import pytest

from commerce.payments.models import PaymentEvent
from commerce.payments.providers.sandbox import sign
from tests.api.conftest import Api
from tests.api.test_payments_api import captured, webhook
from tests.shop.builder import Shop


def test_an_unsigned_webhook_is_refused(shop: Shop, api: Api) -> None:
    answer = webhook(api(), {"event": "payment.captured"}, "e", **{"X-Sandbox-Signature": "x"})

    assert (answer.status_code, answer.json()["code"]) == (401, "webhook_signature_invalid")
    assert PaymentEvent.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"nonsense", 400),
        (b'{"event": "party"}', 400),
        (b'{"event": "payment.captured", "amount": "1e400"}', 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
    ],
)
def test_a_malformed_webhook_is_refused(shop: Shop, api: Api, body: bytes, status: int) -> None:
    answer = api().post(
        "/api/v1/payments/webhooks/sandbox",
        data=body,
        content_type="application/json",
        headers={"X-Sandbox-Signature": sign(body), "X-Sandbox-Event-Id": "e"},
    )

    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("field", ["provider_payment_id", "amount", "currency"])
@pytest.mark.parametrize("told", ["nothing", "null"])
def test_a_capture_that_names_no_money_is_refused(
    shop: Shop, api: Api, field: str, told: str
) -> None:
    body = captured({"provider_order_id": "po_1", "amount": "1.00"}, **{field: None})
    if told == "nothing":
        del body[field]

    answer = webhook(api(), body, "evt_1")

    assert (answer.status_code, answer.json()["code"]) == (400, "validation_failed")
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [
        (f"/{field}", "required")
    ]
    assert PaymentEvent.objects.count() == 0


def test_a_failure_needs_no_money(shop: Shop, api: Api) -> None:
    answer = webhook(api(), {"event": "payment.failed", "provider_order_id": "po_1"}, "evt_1")

    assert answer.json() == {"received": True}


def test_a_webhook_without_an_event_id_is_refused(shop: Shop, api: Api) -> None:
    answer = webhook(api(), {"event": "payment.captured"}, "")

    assert (answer.status_code, answer.json()["code"]) == (400, "event_id_missing")
