"""The audit's page tells what is broken and starts an audit for those who may."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from commerce.accounts.models import User
from commerce.audit.models import AuditFinding, AuditRun
from commerce.audit.tasks import audit_books
from commerce.inventory.models import Inventory
from config.celery import app
from tests.shop.builder import Shop
from tests.shop.outages import OwnRedis, queue_at

Sent = Callable[[], list[Any]]
RUNS, FINDINGS, START = (
    "/admin/audit/auditrun/",
    "/admin/audit/auditfinding/",
    "/admin/audit/auditrun/start/",
)


@pytest.fixture
def sent() -> Iterator[Sent]:
    """Takes the jobs off the queue: name and arguments of each."""
    with app.connection_for_read() as connection, connection.channel() as channel:
        channel.queue_purge("celery")

        def take() -> list[Any]:
            found = []
            while message := channel.basic_get("celery", no_ack=True):
                arguments = json.loads(message.body)[0]
                found.append((message.headers["task"], *arguments))
            return found

        yield take


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def clerk(shop: Shop, *codenames: str) -> User:
    user = shop.user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


def test_page_without_a_run_says_so(shop: Shop) -> None:
    page = browser(shop.staff()).get(RUNS).content.decode()

    assert "The books have not been audited yet." in page


def test_page_tells_of_the_last_run_and_who_asked_for_it(shop: Shop) -> None:
    user = shop.staff()
    audit_books(str(user.pk))

    page = browser(user).get(RUNS).content.decode()

    assert "All invariants hold." in page
    assert "0 open findings" in page
    assert str(user) in page


def test_finding_tells_promise_and_remedy_and_leads_to_the_row(shop: Shop) -> None:
    stock = Inventory.objects.get(variant=shop.variant("10.00", stock=5))
    Inventory.objects.update(reserved=1)
    audit_books()
    client = browser(shop.staff())

    runs = client.get(RUNS).content.decode()
    listed = client.get(FINDINGS).content.decode()
    finding = client.get(f"{FINDINGS}{AuditFinding.objects.get().pk}/change/").content.decode()

    assert "1 broken row" in runs
    assert "reserved_equals_holds: 1" in runs
    row = f'<a href="/admin/inventory/inventory/{stock.id}/change/">inventory {stock.id}</a>'
    for page in (listed, finding):
        assert row in page
        assert "reserved 1, active holds 0" in page
        assert "release the hold that should have ended." in page
    assert "what a stock row reserves is the sum of the active holds on it." in finding


def test_list_shows_what_is_still_broken_unless_asked_otherwise(shop: Shop) -> None:
    shop.variant("10.00", stock=5)
    Inventory.objects.update(reserved=1)
    audit_books()
    Inventory.objects.update(reserved=0)
    audit_books()
    client = browser(shop.staff())

    def shown(state: str = "") -> bool:
        return "reserved 1, active holds 0" in client.get(FINDINGS + state).content.decode()

    assert [shown(), shown("?state=resolved"), shown("?state=every")] == [False, True, True]


def test_finding_in_a_table_without_a_page_is_told_without_a_link(shop: Shop) -> None:
    made = AuditFinding.objects.create(
        invariant="renamed_since",
        table="gone",
        subject_id=shop.user().id,
        explanation="odd",
        last_seen_at="2026-01-02T03:04:05Z",
    )

    page = browser(shop.staff()).get(f"{FINDINGS}{made.pk}/change/")

    assert page.status_code == 200
    assert f"gone {made.subject_id}" in page.content.decode()


def test_button_sends_the_job_and_leads_back(shop: Shop, sent: Sent) -> None:
    user = clerk(shop, "view_auditrun", "start_auditrun")
    client = browser(user)

    assert START in client.get(RUNS).content.decode()
    answer = client.post(START, follow=True)

    assert sent() == [("commerce.audit.tasks.audit_books", str(user.pk))]
    assert answer.redirect_chain == [(RUNS, 302)]
    assert "The books are being audited" in answer.content.decode()
    assert not AuditRun.objects.exists()


def test_without_its_permission_there_is_no_button_and_no_job(shop: Shop, sent: Sent) -> None:
    client = browser(clerk(shop, "view_auditrun", "change_auditrun"))

    assert START not in client.get(RUNS).content.decode()
    assert client.post(START).status_code == 403
    assert sent() == []


def test_permission_alone_does_not_show_the_runs(shop: Shop) -> None:
    assert browser(clerk(shop, "start_auditrun")).get(RUNS).status_code == 403


def test_job_is_sent_by_post_alone(shop: Shop, sent: Sent) -> None:
    assert browser(shop.staff()).get(START).status_code == 405
    assert sent() == []


def test_customers_start_nothing(shop: Shop, sent: Sent) -> None:
    assert browser(shop.user()).post(START).status_code == 302  # to the login
    assert sent() == []


def test_queue_that_cannot_be_reached_is_told(shop: Shop, redis: OwnRedis) -> None:
    redis.kill()

    with queue_at(redis.broker_url):
        answer = browser(shop.staff()).post(START, follow=True)

    assert "The queue of jobs can&#x27;t be reached" in answer.content.decode()
