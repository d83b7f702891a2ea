"""Login codes reach their phone through the queue or without it, and never a log."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

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


def test_without_a_broker_the_message_goes_out_at_once(tmp_path: Path) -> None:
    otp_id = uuid.uuid4()
    program = (
        "import django, uuid; django.setup();"
        "from commerce.notifications.login_codes import deliver_login_code;"
        f"deliver_login_code({PHONE!r}, {CODE!r}, uuid.UUID({str(otp_id)!r}))"
    )
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
        "DATA_DIR": str(tmp_path),
        "LOG_LEVEL": "DEBUG",
    }

    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=django_settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    sent = json.loads((tmp_path / "sms" / f"otp-{otp_id}.json").read_text())
    assert (sent["to"], CODE in sent["text"]) == (PHONE, True)
    logged = done.stdout + done.stderr
    assert "login code sent without the queue" in logged
    assert CODE not in logged
