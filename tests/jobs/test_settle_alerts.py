"""What a settlement tells the people who run the shop: contradictions and failed refunds."""

from __future__ import annotations

import logging
from decimal import Decimal
from uuid import UUID

import pytest

from commerce.core.procedures import call
from commerce.payments import workflows
from commerce.payments.models import Payment, Refund
from tests.shop.builder import Shop

LOGGER = "commerce.payments"


def alerts(caplog: pytest.LogCaptureFixture, event_id: UUID) -> list[str]:
    """The errors logged while the event is settled, each of which names it."""
    caplog.clear()
    with caplog.at_level(logging.ERROR, logger=LOGGER):
        workflows.settle(event_id)
    lines = [one for one in caplog.records if one.name == LOGGER]
    assert {one.__dict__["event_id"] for one in lines} <= {str(event_id)}
    return [one.getMessage() for one in lines]


def test_a_mismatch_is_an_error(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    payment = shop.attempt(shop.placed({shop.variant("499.00"): 1}))
    foreign = shop.event(payment, p_currency="USD")

    assert alerts(caplog, foreign.event_id) == ["payment event contradicts the books"]


def test_a_capture_as_agreed_is_no_error(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    payment = shop.attempt(shop.placed({shop.variant("499.00"): 1}))

    assert alerts(caplog, shop.event(payment).event_id) == []


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("refund.failed", ["refund failed at the provider"]), ("refund.processed", [])],
)
def test_a_failed_refund_is_an_error(
    shop: Shop, caplog: pytest.LogCaptureFixture, kind: str, expected: list[str]
) -> None:
    shop.paid({shop.variant("499.00"): 1})
    payment = Payment.objects.get()
    asked = call("initiate_refund", p_payment_id=payment.id, p_amount=Decimal("9.00"))
    told = shop.event(payment, kind, p_refund_id=asked.refund_id, p_amount=asked.amount)

    assert alerts(caplog, told.event_id) == expected
    assert Refund.objects.get().finished_at is not None
