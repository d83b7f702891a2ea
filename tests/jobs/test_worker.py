"""A real worker process takes a task from the broker and does it; beat knows only real tasks."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from commerce.core.models import OutboxMessage
from commerce.core.tasks import relay_outbox
from commerce.notifications.login_codes import deliver_login_code
from config.celery import app
from tests.shop.builder import Shop
from tests.shop.processes import running

SECONDS = 60
OPTIONS = ("--pool", "solo", "--without-mingle", "--without-gossip", "--loglevel", "DEBUG")
CODE = "620417"


@pytest.fixture
def worker(shop: Shop, tmp_path: Path) -> Iterator[Path]:
    """A worker on this run's database and broker; yields the file of its log."""
    with app.connection_for_write() as broker, broker.channel() as channel:
        channel.queue_purge("celery")
    log = tmp_path / "worker.log"
    with running(log, "celery", "-A", "config", "worker", *OPTIONS, LOG_LEVEL="DEBUG"):
        yield log


def wait_for(path: Path, log: Path) -> dict[str, Any]:
    """The content of a file that the worker is to write."""
    end = time.monotonic() + SECONDS
    while not path.exists():
        assert time.monotonic() < end, f"the worker did nothing:\n{log.read_text()[-4000:]}"
        time.sleep(0.1)
    content: dict[str, Any] = json.loads(path.read_text())
    return content


def test_a_worker_tells_the_customer_and_no_log_holds_a_code(shop: Shop, worker: Path) -> None:
    order = shop.paid({shop.variant("499.00"): 1})
    message_id = _only_event_of(order.id)
    otp_id = uuid.uuid4()

    deliver_login_code("+919812345678", CODE, otp_id)
    relay_outbox.delay()

    code = wait_for(settings.SMS_DIR / f"otp-{otp_id}.json", worker)
    told = wait_for(settings.SMS_DIR / f"{message_id}.json", worker)
    assert code["to"] == "+919812345678"
    assert CODE in code["text"]
    assert told["to"] == order.user.phone
    assert order.number in told["text"]
    log = worker.read_text()
    assert "send_login_code" in log
    assert CODE not in log
    assert "+919812345678" not in log


def test_beat_names_only_tasks_that_exist() -> None:
    app.loader.import_default_modules()

    named = {str(entry["task"]) for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    assert named <= set(app.tasks)
    own = {name for name in app.tasks if name.startswith("commerce.")}
    on_demand = {
        "commerce.notifications.tasks.send_login_code",
    }
    assert own == named | on_demand


def _only_event_of(order_id: uuid.UUID) -> uuid.UUID:
    return OutboxMessage.objects.get(aggregate_id=order_id, topic="order.confirmed").id
