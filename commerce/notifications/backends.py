"""Where messages go; in development into files, one per message."""

from __future__ import annotations

import json
import os
import tempfile
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string


class SmsBackend(Protocol):
    """Sends text messages; the same `message_id` again must not reach the customer twice."""

    def send(self, *, to: str, text: str, message_id: str) -> None:
        """Hand the message to the carrier, or raise."""
        ...


class MailBackend(Protocol):
    """Sends e-mails; the same `message_id` again must not reach the customer twice."""

    def send(self, *, to: str, subject: str, text: str, message_id: str) -> None:
        """Hand the message to the mail server, or raise."""
        ...


class FileSms:
    """Writes `{to, text, sent_at}` to `SMS_DIR/<message_id>.json`; a repetition overwrites it."""

    def send(self, *, to: str, text: str, message_id: str) -> None:
        """Write the file whole or not at all."""
        content = {"to": to, "text": text, "sent_at": timezone.now().isoformat()}
        path = settings.SMS_DIR / f"{message_id}.json"
        _write(path, json.dumps(content, ensure_ascii=False, indent=1).encode())


class FileMail:
    """Writes an e-mail to `MAIL_DIR/<message_id>.eml`; a repetition overwrites it."""

    def send(self, *, to: str, subject: str, text: str, message_id: str) -> None:
        """Write the file whole or not at all."""
        mail = EmailMessage()
        mail["From"] = settings.DEFAULT_FROM_EMAIL
        mail["To"] = to
        mail["Subject"] = subject
        mail["Date"] = format_datetime(_now())
        mail["Message-ID"] = f"<{message_id}@shop>"
        mail.set_content(text)
        _write(settings.MAIL_DIR / f"{message_id}.eml", mail.as_bytes())


def sms() -> SmsBackend:
    """The backend that `SMS_BACKEND` names."""
    backend: SmsBackend = import_string(settings.SMS_BACKEND)()
    return backend


def mail() -> MailBackend:
    """The backend that `MAIL_BACKEND` names."""
    backend: MailBackend = import_string(settings.MAIL_BACKEND)()
    return backend


def send_sms(to: str, text: str, message_id: str) -> None:
    """Send one text message to a phone number in E.164."""
    sms().send(to=to, text=text, message_id=message_id)


def send_mail(to: str, subject: str, text: str, message_id: str) -> None:
    """Send one e-mail."""
    mail().send(to=to, subject=subject, text=text, message_id=message_id)


def _now() -> datetime:
    return timezone.localtime()


def _write(path: Path, content: bytes) -> None:
    """Put the content in place in one step, so that a reader never sees half a message."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".unfinished")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(unfinished, path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
