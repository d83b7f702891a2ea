"""Work that was given up is tried again from the admin."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import Permission
from django.test import Client

from commerce.core.models import OutboxMessage, SagaStep
from tests.shop.builder import Shop

PAGES = {SagaStep: "/admin/core/sagastep/", OutboxMessage: "/admin/core/outboxmessage/"}


def given_up() -> tuple[SagaStep, OutboxMessage]:
    step = SagaStep.objects.create(
        kind="settle",
        saga_id=uuid.uuid4(),
        step="decrease_inventory",
        subject_id=uuid.uuid4(),
        status="failed",
        attempts=8,
    )
    message = OutboxMessage.objects.create(
        topic="order.shipped",
        aggregate_type="order",
        aggregate_id=uuid.uuid4(),
        status="dead",
        attempts=12,
    )
    return step, message


def clerk(shop: Shop, *codenames: str) -> Client:
    user = shop.user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


def test_what_was_given_up_is_due_again(shop: Shop) -> None:
    client = clerk(shop, "view_sagastep", "change_sagastep", "change_outboxmessage")

    for row in given_up():
        client.post(PAGES[type(row)], {"action": "try_again", "_selected_action": [str(row.pk)]})
        row.refresh_from_db()

        assert (row.status, row.attempts) == ("pending", 0)


def test_without_the_permission_nothing_is_tried_again(shop: Shop) -> None:
    client = clerk(shop, "view_sagastep", "view_outboxmessage")

    for row in given_up():
        client.post(PAGES[type(row)], {"action": "try_again", "_selected_action": [str(row.pk)]})
        status = row.status
        row.refresh_from_db()

        assert row.status == status
