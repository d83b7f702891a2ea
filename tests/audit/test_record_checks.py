"""Each check of histories, events and the outbox finds the row that breaks it; no other does."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from commerce.core.models import OutboxMessage
from commerce.orders.models import Order, OrderEvent
from commerce.payments.models import PaymentEvent
from tests.audit.conftest import Broken
from tests.shop.builder import Shop


@pytest.mark.parametrize(
    ("which", "change"),
    [
        ("confirmed", {"actor_kind": "customer"}),  # only the system confirms
        ("packed", {"from_status": "pending_payment"}),  # not where the one before led
        ("shipped", {"to_status": "delivered"}),  # no such step
        ("created", {"to_status": "confirmed"}),  # begins elsewhere
        ("delivered", {"seq": 1_000}),  # beyond the order's version
    ],
)
def test_illegal_event_is_found(
    order: Order, broken: Broken, which: str, change: dict[str, Any]
) -> None:
    OrderEvent.objects.filter(to_status=which).update(**change)

    assert set(broken()) == {("order_history_is_legal", "orders", order.id)}


def test_missing_event_is_found(order: Order, broken: Broken) -> None:
    OrderEvent.objects.filter(to_status="packed").delete()

    assert broken() == [("order_history_is_legal", "orders", order.id)]


def test_status_that_no_event_led_to_is_found(order: Order, broken: Broken) -> None:
    Order.objects.update(status="shipped")

    assert broken() == [("order_history_is_legal", "orders", order.id)]


def test_order_without_events_is_found(order: Order, broken: Broken) -> None:
    OrderEvent.objects.all().delete()

    assert broken() == [("order_history_is_legal", "orders", order.id)]


def test_event_nobody_settles_is_found(shop: Shop, broken: Broken, long_ago: datetime) -> None:
    recorded = shop.event(shop.attempt(shop.placed({shop.variant("10.00"): 1})))
    shop.audit()

    PaymentEvent.objects.update(next_attempt_at=long_ago)

    assert broken() == [("events_settle", "payment_events", recorded.event_id)]


@pytest.mark.parametrize(
    "change",
    [
        {"status": "settled", "outcome": "", "settled_at": "2026-01-01T00:00Z"},
        {"status": "settled", "outcome": "unmatched", "settled_at": "2026-01-01T00:00Z"},
        {"status": "settled", "outcome": "duplicate"},
        {"attempts": 1, "note": ""},
    ],
)
def test_event_without_outcome_or_reason_is_found(
    shop: Shop, broken: Broken, change: dict[str, Any]
) -> None:
    recorded = shop.event(shop.attempt(shop.placed({shop.variant("10.00"): 1})))

    PaymentEvent.objects.update(**change)

    assert broken() == [("events_settle", "payment_events", recorded.event_id)]


def test_event_that_waits_with_a_reason_is_well(shop: Shop, broken: Broken) -> None:
    payment = shop.attempt(shop.placed({shop.variant("10.00"): 1}))
    recorded = shop.event(payment, p_provider_order_id="unknown", p_provider_payment_id=None)

    assert shop.settle(recorded).outcome == "unmatched"

    assert broken() == []


@pytest.mark.parametrize(
    "change",
    [
        {"next_attempt_at": "2026-01-01T00:00Z"},
        {"status": "delivered"},
        {"status": "dead", "last_error": ""},
    ],
)
def test_outbox_row_that_stands_still_is_found(
    order: Order, broken: Broken, change: dict[str, Any]
) -> None:
    message = OutboxMessage.objects.get(topic="order.shipped")

    OutboxMessage.objects.filter(id=message.id).update(**change)

    assert broken() == [("outbox_moves", "outbox", message.id)]


def test_dead_letter_with_its_error_is_well(order: Order, broken: Broken) -> None:
    OutboxMessage.objects.update(status="dead", last_error="refused: 550")

    assert broken() == []
