"""Customers are told what happened to their orders, once, and nobody is told who was erased."""

from __future__ import annotations

import email.policy
import json
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from commerce.accounts.models import User
from commerce.core.models import OutboxMessage
from commerce.core.procedures import call
from commerce.core.tasks import relay_outbox
from commerce.orders.workflows import cancel
from tests.shop.builder import Shop


@pytest.fixture(autouse=True)
def post(settings: Any, tmp_path: Path) -> Path:
    """Empty places for text messages and e-mails."""
    settings.SMS_DIR, settings.MAIL_DIR = tmp_path / "sms", tmp_path / "mail"
    return tmp_path


def texts(post: Path) -> list[dict[str, str]]:
    """The text messages in the order in which their events were written."""
    order = {str(pk): seq for pk, seq in OutboxMessage.objects.values_list("id", "seq")}
    files = sorted((post / "sms").glob("*.json"), key=lambda path: order[path.stem])
    return [json.loads(path.read_text()) for path in files]


def test_the_way_of_an_order_is_told_step_by_step(shop: Shop, post: Path) -> None:
    user = shop.user(name="Asha Rao", email="asha@example.com")
    order = shop.delivered({shop.variant("1499.00"): 1}, user=user)

    assert relay_outbox() == (4, 0)

    sent = texts(post)
    assert {one["to"] for one in sent} == {user.phone}
    assert [one["text"] for one in sent] == [
        f"Thank you, Asha Rao! Your order {order.number} of Rs 1,499 is confirmed. "
        "We have received your payment. - Kite & Sprout",
        f"Your order {order.number} has left our warehouse with Delhivery, "
        "tracking number DL123. - Kite & Sprout",
        f"Your order {order.number} is out for delivery and reaches you today. "
        "We have received your payment. - Kite & Sprout",
        f"Your order {order.number} was delivered. Something doesn't fit? "
        "You can return it within 15 days. - Kite & Sprout",
    ]


def test_those_with_an_address_get_an_e_mail_too(shop: Shop, post: Path) -> None:
    user = shop.user(name="Asha Rao", email="asha@example.com")
    order = shop.paid({shop.variant("1499.50"): 1}, user=user)

    relay_outbox()

    (path,) = (post / "mail").glob("*.eml")
    mail = message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert (mail["To"], mail["Subject"]) == (
        "asha@example.com",
        f"Order {order.number} is confirmed",
    )
    assert mail.get_content() == (
        f"Hello Asha Rao,\n\nThank you, Asha Rao! Your order {order.number} of Rs 1,499.50 is "
        "confirmed. We have received your payment.\n\nWarm regards,\nKite & Sprout\n"
    )


def test_cash_on_delivery_says_how_much_to_keep_ready(shop: Shop, post: Path) -> None:
    order = shop.placed({shop.variant("499.00"): 2}, method="cod", user=shop.user(name="Ravi"))

    relay_outbox()

    (sent,) = texts(post)
    assert sent["text"] == (
        f"Thank you, Ravi! Your order {order.number} of Rs 998 is confirmed. "
        "Please keep Rs 998 ready for the courier. - Kite & Sprout"
    )


def test_a_cancelled_order_and_its_refund_are_told(shop: Shop, post: Path) -> None:
    order = shop.paid({shop.variant("499.00"): 1})
    cancel(order_id=order.id, actor_kind="staff", reason="damaged in store")

    relay_outbox()

    assert [one["text"] for one in texts(post)][1:] == [
        f"Your order {order.number} of Rs 499 is cancelled. "
        "Your money is on its way back to you. - Kite & Sprout",
        f"We have started a refund of Rs 499 for your order {order.number}. "
        "It takes 5 to 7 working days to reach you. - Kite & Sprout",
    ]


def test_a_return_is_told_under_its_number(shop: Shop, post: Path) -> None:
    order = shop.delivered({shop.variant(): 1})
    line = order.items.get()
    made = call(
        "request_return",
        p_order_id=order.id,
        p_user_id=order.user_id,
        p_items=[{"order_item_id": str(line.id), "quantity": 1}],
        p_reason="too small",
        p_window_days=15,
    )

    relay_outbox()

    number = order.returns.get(pk=made.return_id).number
    assert texts(post)[-1]["text"] == (
        f"We have received your return request {number} for order {order.number}. - Kite & Sprout"
    )


def test_a_repetition_overwrites_instead_of_doubling(shop: Shop, post: Path) -> None:
    shop.paid({shop.variant(): 1})
    relay_outbox()
    OutboxMessage.objects.update(status="pending", next_attempt_at=timezone.now())

    assert relay_outbox() == (1, 0)

    assert len(texts(post)) == 1
    assert list((post / "sms").glob(".*")) == []


def test_a_customer_without_a_name_is_greeted_as_the_parcel_is_addressed(
    shop: Shop, post: Path
) -> None:
    shop.paid({shop.variant(): 1})

    relay_outbox()

    assert texts(post)[0]["text"].startswith("Thank you, Asha Rao! Your order")


def test_an_erased_customer_is_told_nothing(shop: Shop, post: Path) -> None:
    user = shop.user(email="asha@example.com")
    shop.paid({shop.variant(): 1}, user=user)
    User.objects.filter(pk=user.pk).update(status="erased")

    assert relay_outbox() == (1, 0)

    assert not (post / "sms").exists()
    assert not (post / "mail").exists()


def test_the_outbox_itself_knows_nobody(shop: Shop) -> None:
    user = shop.user(name="Asha Rao", email="asha@example.com")
    shop.delivered({shop.variant(): 1}, user=user)

    kept = json.dumps(list(OutboxMessage.objects.values_list("payload", flat=True)))

    assert user.phone is not None
    for personal in (user.phone, "Asha", "asha@example.com", "Residency Road"):
        assert personal not in kept
