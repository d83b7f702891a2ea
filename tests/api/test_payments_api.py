"""Paying over the API: attempts, the client's return, webhooks."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from rest_framework.test import APIClient

from commerce.core.models import SagaStep
from commerce.orders.models import Order
from commerce.payments.models import Payment, PaymentEvent, Refund
from commerce.payments.providers.sandbox import sign
from tests.api.conftest import Api
from tests.shop.builder import Shop


def open_attempt(client: APIClient, order: Order, key: str) -> dict[str, Any]:
    answer = client.post(
        f"/api/v1/orders/{order.id}/payments",
        {"provider": "sandbox"},
        headers={"Idempotency-Key": key},
    )
    assert answer.status_code == 201, answer.json()
    body: dict[str, Any] = answer.json()
    return body


def paid(attempt: dict[str, Any]) -> dict[str, str]:
    """What the provider hands the app after a payment."""
    order_id, payment_id = attempt["provider_order_id"], f"pay_{uuid.uuid4().hex}"
    return {
        "provider_order_id": order_id,
        "provider_payment_id": payment_id,
        "signature": sign(f"{order_id}|{payment_id}".encode()),
    }


def webhook(client: APIClient, body: dict[str, Any], event_id: str, **changes: str) -> Any:
    raw = json.dumps(body).encode()
    headers = {"X-Sandbox-Signature": sign(raw), "X-Sandbox-Event-Id": event_id} | changes
    return client.post(
        "/api/v1/payments/webhooks/sandbox",
        data=raw,
        content_type="application/json",
        headers=headers,
    )


def captured(attempt: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "event": "payment.captured",
        "provider_order_id": attempt["provider_order_id"],
        "provider_payment_id": f"pay_{uuid.uuid4().hex}",
        "refund_id": None,
        "amount": attempt["amount"],
        "currency": "INR",
    } | changes


def test_an_attempt_carries_the_agreed_amount(shop: Shop, api: Api) -> None:
    order = shop.placed({shop.variant("499.00"): 2})

    attempt = open_attempt(api(order.user), order, shop.key())

    assert attempt["amount"] == "998.00"
    assert (attempt["currency"], attempt["status"]) == ("INR", "initiated")
    assert attempt["provider_order_id"] == f"sbx_order_{uuid.UUID(attempt['id']).hex}"


def test_an_open_attempt_is_found_again_under_another_key(shop: Shop, api: Api) -> None:
    order = shop.placed({shop.variant(): 1})

    first = open_attempt(api(order.user), order, shop.key())
    second = open_attempt(api(order.user), order, shop.key())

    assert second == first
    assert Payment.objects.count() == 1


def test_a_signed_return_confirms_the_order(shop: Shop, api: Api) -> None:
    variant = shop.variant("499.00", stock=5)
    order = shop.placed({variant: 2})
    attempt = open_attempt(api(order.user), order, shop.key())

    answer = api(order.user).post(f"/api/v1/payments/{attempt['id']}/verify", paid(attempt))

    assert answer.status_code == 200
    assert answer.json() == {
        "status": "captured",
        "order": {
            "id": str(order.id),
            "number": order.number,
            "status": "confirmed",
            "payment_status": "paid",
        },
    }
    assert shop.inventory(variant) == (3, 0)
    assert not SagaStep.objects.filter(status="pending").exists()


def test_a_key_used_elsewhere_settles_nothing(shop: Shop, api: Api) -> None:
    order = shop.placed({shop.variant(): 1})
    key = shop.key()
    attempt = open_attempt(api(order.user), order, key)

    answer = api(order.user).post(
        f"/api/v1/payments/{attempt['id']}/verify",
        paid(attempt),
        headers={"Idempotency-Key": key},
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")
    assert PaymentEvent.objects.count() == 0


def test_verify_and_webhooks_settle_once(shop: Shop, api: Api) -> None:
    variant = shop.variant(stock=5)
    order = shop.placed({variant: 2})
    attempt = open_attempt(api(order.user), order, shop.key())
    proof = paid(attempt)
    event = captured(attempt, provider_payment_id=proof["provider_payment_id"])

    answers = [
        webhook(api(), event, "evt_1"),
        api(order.user).post(f"/api/v1/payments/{attempt['id']}/verify", proof),
        webhook(api(), event, "evt_1"),
        webhook(api(), event, "evt_2"),
        api(order.user).post(f"/api/v1/payments/{attempt['id']}/verify", proof),
    ]

    assert [answer.status_code for answer in answers] == [200] * 5
    assert Payment.objects.get().disposition == "kept"
    assert sorted(PaymentEvent.objects.values_list("outcome", flat=True)) == [
        "duplicate",
        "duplicate",
        "settled",
    ]
    assert Refund.objects.count() == 0
    assert shop.inventory(variant) == (3, 0)


@pytest.mark.parametrize("signature", ["", "0" * 64, "ä" * 64])
def test_a_wrong_signature_confirms_nothing(shop: Shop, api: Api, signature: str) -> None:
    order = shop.placed({shop.variant(): 1})
    attempt = open_attempt(api(order.user), order, shop.key())

    answer = api(order.user).post(
        f"/api/v1/payments/{attempt['id']}/verify", paid(attempt) | {"signature": signature}
    )

    assert answer.status_code in {400, 422}
    assert PaymentEvent.objects.count() == 0


def test_a_proof_for_another_attempt_confirms_nothing(shop: Shop, api: Api) -> None:
    mine, dear = shop.placed({shop.variant("10.00"): 1}), shop.placed({shop.variant("900.00"): 1})
    cheap_attempt = open_attempt(api(mine.user), mine, shop.key())
    dear_attempt = open_attempt(api(dear.user), dear, shop.key())

    answer = api(dear.user).post(
        f"/api/v1/payments/{dear_attempt['id']}/verify", paid(cheap_attempt)
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "signature_invalid")
    dear.refresh_from_db()
    assert dear.status == "pending_payment"


def test_somebody_elses_payment_is_not_found(shop: Shop, api: Api) -> None:
    order = shop.placed({shop.variant(): 1})
    attempt = open_attempt(api(order.user), order, shop.key())
    stranger = shop.user()

    verify = api(stranger).post(f"/api/v1/payments/{attempt['id']}/verify", paid(attempt))
    start = api(stranger).post(
        f"/api/v1/orders/{order.id}/payments", {}, headers={"Idempotency-Key": shop.key()}
    )

    assert (verify.status_code, verify.json()["code"]) == (404, "payment_not_found")
    assert (start.status_code, start.json()["code"]) == (404, "order_not_found")


def test_a_failed_attempt_can_be_followed_by_another(shop: Shop, api: Api) -> None:
    order = shop.placed({shop.variant(): 1})
    first = open_attempt(api(order.user), order, shop.key())
    webhook(api(), captured(first, event="payment.failed"), "evt_failed")

    second = open_attempt(api(order.user), order, shop.key())
    api(order.user).post(f"/api/v1/payments/{second['id']}/verify", paid(second))

    assert second["id"] != first["id"]
    assert sorted(Payment.objects.values_list("status", flat=True)) == ["captured", "failed"]
    order.refresh_from_db()
    assert order.status == "confirmed"


def test_a_late_capture_of_a_cancelled_order_is_refunded(shop: Shop, api: Api) -> None:
    variant = shop.variant(stock=5)
    order = shop.placed({variant: 1})
    attempt = open_attempt(api(order.user), order, shop.key())
    api(order.user).post(f"/api/v1/orders/{order.id}/cancel", {"reason": "Changed my mind"})

    answer = webhook(api(), captured(attempt), "evt_late")

    assert answer.status_code == 200
    assert PaymentEvent.objects.get().outcome == "late"
    assert Payment.objects.get().disposition == "refund_due"
    refund = Refund.objects.get()
    assert (refund.amount, refund.status) == (order.total, "initiated")
    assert shop.inventory(variant) == (5, 0)


def test_a_webhook_with_another_amount_is_paid_back(shop: Shop, api: Api) -> None:
    order = shop.placed({shop.variant("499.00"): 1})
    attempt = open_attempt(api(order.user), order, shop.key())

    webhook(api(), captured(attempt, amount="4.99"), "evt_short")

    assert PaymentEvent.objects.get().outcome == "mismatch"
    assert Refund.objects.get().amount == shop.rupees("4.99")
    order.refresh_from_db()
    assert order.status == "pending_payment"


def test_an_unknown_payment_is_recorded_and_waits(shop: Shop, api: Api) -> None:
    event = captured({"provider_order_id": "po_unknown", "amount": "1.00"})

    answer = webhook(api(), event, "evt_unknown")

    assert answer.json() == {"received": True}
    row = PaymentEvent.objects.get()
    assert (row.status, row.outcome, row.attempts) == ("recorded", "unmatched", 1)


def test_an_unknown_provider_is_not_found(shop: Shop, api: Api) -> None:
    order = shop.placed({shop.variant(): 1})

    start = api(order.user).post(
        f"/api/v1/orders/{order.id}/payments",
        {"provider": "barter"},
        headers={"Idempotency-Key": shop.key()},
    )
    hook = api().post("/api/v1/payments/webhooks/barter", {})

    assert (start.status_code, start.json()["code"]) == (404, "provider_not_found")
    assert (hook.status_code, hook.json()["code"]) == (404, "provider_not_found")
