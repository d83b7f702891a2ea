"""What a monitor reads."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from tests.shop.builder import Shop
from tests.shop.refusals import refusal


def test_calls_are_counted_by_procedure_and_outcome(shop: Shop) -> None:
    shop.cart(shop.user(), {shop.variant(): 1})
    refusal("verify_payment", p_event_id="01a1f8bc-47bb-7845-b322-9ad8aada345c")

    text = APIClient().get("/metrics").content.decode()

    assert 'procedure_call_seconds_count{outcome="ok",procedure="add_to_cart"}' in text
    assert 'procedure_call_seconds_count{outcome="refused",procedure="verify_payment"}' in text


def test_work_that_waits_is_counted(shop: Shop) -> None:
    cart = shop.checked_out({shop.variant(): 1})
    shop.create_order(cart)

    text = APIClient().get("/metrics").content.decode()

    assert 'waiting_work{kind="saga_steps",status="pending"} 1.0' in text


@pytest.mark.parametrize(("token", "status"), [("secret", 200), ("", 401), ("wrong", 401)])
def test_a_token_keeps_others_out(shop: Shop, settings: object, token: str, status: int) -> None:
    settings.METRICS_TOKEN = "secret"  # type: ignore[attr-defined]

    answer = APIClient().get("/metrics", headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == status
