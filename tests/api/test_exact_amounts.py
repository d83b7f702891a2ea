"""Amounts sent as JSON numbers are read digit by digit: no float comes between, nothing is rounded.

Each of the numbers refused here is the total itself once a float has held it.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from commerce.orders.models import Order
from commerce.payments.models import PaymentEvent, Refund
from commerce.payments.providers.sandbox import sign
from tests.api.conftest import Api
from tests.shop.builder import Shop

TOTAL = "1234567.89"
EXACT = ["1234567.89", "1.23456789e6", "123456789E-2"]
NEARLY = ["1234567.89000000000001", "1234567.8899999999999999", "1234567.890000000000000000000"]


def sent(api: Api, shop: Shop, path: str, user: Any, body: dict[str, Any], number: str) -> Any:
    """The answer to a body in which `number` stands as it is, where the text AMOUNT would."""
    return api(user).generic(
        "POST",
        f"/api/v1/{path}",
        json.dumps(body).replace('"AMOUNT"', number),
        content_type="application/json",
        headers={"Idempotency-Key": shop.key()},
    )


def ordered(shop: Shop, api: Api, number: str) -> Any:
    """The answer to an order at that total."""
    cart = shop.checked_out({shop.variant(TOTAL): 1})
    assert str(shop.quote(cart.id)["total"]) == TOTAL
    where = {"address_id": str(cart.address_id), "payment_method": "online"}
    body = where | {"expected_total": "AMOUNT"}
    return sent(api, shop, "orders", shop.owner(cart), body, number)


def refunded(shop: Shop, api: Api, number: str) -> Any:
    """The answer to a refund of that amount."""
    order = shop.paid({shop.variant(TOTAL): 1})
    body = {"amount": "AMOUNT", "reason": "late"}
    return sent(api, shop, f"orders/{order.id}/refunds", shop.staff(), body, number)


def told(shop: Shop, api: Api, number: str) -> Any:
    """The answer to a provider's word of a capture of that amount."""
    payment = shop.attempt(shop.placed({shop.variant(TOTAL): 1}))
    body = {
        "event": "payment.captured",
        "provider_order_id": payment.provider_order_id,
        "provider_payment_id": "sbx_1",
        "amount": "AMOUNT",
        "currency": "INR",
    }
    raw = json.dumps(body).replace('"AMOUNT"', number)
    return api().generic(
        "POST",
        "/api/v1/payments/webhooks/sandbox",
        raw,
        content_type="application/json",
        headers={"X-Sandbox-Signature": sign(raw.encode()), "X-Sandbox-Event-Id": "e1"},
    )


@pytest.mark.parametrize("number", EXACT)
def test_exact_number_is_taken_as_the_text_would_be(shop: Shop, api: Api, number: str) -> None:
    answers = [ask(shop, api, number) for ask in (ordered, refunded, told)]

    assert [answer.status_code for answer in answers] == [201, 201, 200]
    assert answers[0].json()["totals"]["total"] == TOTAL
    assert answers[1].json()["amount"] == TOTAL
    assert PaymentEvent.objects.get(event_id="e1").amount == shop.rupees(TOTAL)


@pytest.mark.parametrize("number", NEARLY)
def test_number_that_only_a_float_takes_for_the_amount_is_refused(
    shop: Shop, api: Api, number: str
) -> None:
    assert float(number) == float(TOTAL)

    answers = [ask(shop, api, number) for ask in (ordered, refunded)]

    for answer, field in zip(answers, ("expected_total", "amount"), strict=True):
        body = answer.json()
        assert (answer.status_code, body["code"]) == (400, "validation_failed")
        assert [one["pointer"] for one in body["errors"]] == [f"/{field}"]
    assert (Refund.objects.count(), Order.objects.count()) == (0, 1)


@pytest.mark.parametrize("number", NEARLY)
def test_provider_is_not_believed_an_amount_that_only_a_float_takes_for_the_total(
    shop: Shop, api: Api, number: str
) -> None:
    answer = told(shop, api, number)

    assert answer.status_code == 400
    assert not PaymentEvent.objects.filter(event_id="e1").exists()


def test_largest_total_is_compared_to_the_paisa(shop: Shop, api: Api) -> None:
    variant = shop.variant("9999999999.99")
    cart = shop.checked_out({variant: 1})
    where = {"address_id": str(cart.address_id), "payment_method": "online"}
    body = where | {"expected_total": "AMOUNT"}

    beside = sent(api, shop, "orders", shop.owner(cart), body, "9999999999.98")
    exact = sent(api, shop, "orders", shop.owner(cart), body, "9999999999.99")

    assert (beside.status_code, exact.status_code) == (409, 201)
