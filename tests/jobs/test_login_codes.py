"""Login codes reach their phone through the queue or without it, and never a log."""

from __future__ import annotations

import json
import logging
import uuid
from pathlib import Path
from typing import Any

import pytest

from commerce.notifications.login_codes import deliver_login_code
from commerce.notifications.tasks import send_login_code
from config.celery import app

PHONE = "+919812345678"
CODE = "739154"


@pytest.fixture
def sms_dir(settings: Any, tmp_path: Path) -> Path:
    """An empty place for text messages."""
    settings.SMS_DIR = tmp_path / "sms"
    return tmp_path / "sms"


def test_the_message_carries_the_code(sms_dir: Path) -> None:
    otp_id = uuid.uuid4()

    send_login_code(PHONE, CODE, str(otp_id))

    sent = json.loads((sms_dir / f"otp-{otp_id}.json").read_text())
    assert set(sent) == {"to", "text", "sent_at"}
    assert sent["to"] == PHONE
    assert sent["text"] == (
        "Your login code is 739154. It is valid for 5 minutes. "
        "Please don't share it with anyone. - Kite & Sprout"
    )


def test_a_repetition_is_one_message(sms_dir: Path) -> None:
    otp_id = str(uuid.uuid4())

    send_login_code(PHONE, CODE, otp_id)
    send_login_code(PHONE, CODE, otp_id)

    assert [path.name for path in sms_dir.iterdir()] == [f"otp-{otp_id}.json"]


def test_the_queue_takes_the_message_and_shows_no_argument(sms_dir: Path) -> None:
    with app.connection_for_read() as connection, connection.channel() as channel:
        channel.queue_purge("celery")
        deliver_login_code(PHONE, CODE, uuid.uuid4())
        message = channel.basic_get("celery", no_ack=True)

    assert not sms_dir.exists()
    headers = message.headers
    assert headers["task"] == "commerce.notifications.tasks.send_login_code"
    assert headers["argsrepr"] == headers["kwargsrepr"] == "(hidden)"
    assert headers["expires"] is not None
    assert CODE not in json.dumps(headers)


def test_without_a_broker_the_message_goes_out_at_once(
    sms_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    otp_id = uuid.uuid4()
    url = app.conf.broker_url
    _use_broker("redis://127.0.0.1:1/0")
    try:
        deliver_login_code(PHONE, CODE, otp_id)
    finally:
        _use_broker(url)

    assert (sms_dir / f"otp-{otp_id}.json").exists()
    assert "login code sent without the queue" in caplog.text
    logged = " ".join(str(vars(record)) for record in caplog.records)
    assert CODE not in logged


def _use_broker(url: str) -> None:
    """Point the application at another broker, as a changed environment would."""
    app.conf.broker_url = app.conf.broker_write_url = app.conf.broker_read_url = url
    app.pool.force_close_all()
    app.set_current()
    app._pool = None
    app.amqp._producer_pool = None
