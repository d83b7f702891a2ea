"""The job that sends login codes; all other messages come out of the outbox."""

from __future__ import annotations

from typing import Any

from celery import Task, shared_task
from django.conf import settings

from commerce.notifications import messages
from commerce.notifications.backends import send_sms

HIDDEN = "(hidden)"


class Confidential(Task):  # type: ignore[misc]  # Celery has no types
    """A task whose arguments appear in no log, event or monitor, and are gone when it is late."""

    def apply_async(self, *args: Any, **options: Any) -> Any:
        """Queue the task, its arguments shown to nobody, for as long as a login code lives."""
        hidden = {"argsrepr": HIDDEN, "kwargsrepr": HIDDEN, "expires": settings.OTP_TTL_SECONDS}
        return super().apply_async(*args, **(options | hidden))


@shared_task(  # type: ignore[untyped-decorator]
    base=Confidential,
    autoretry_for=(OSError,),
    max_retries=3,
    retry_backoff=1,
    retry_backoff_max=10,
    retry_jitter=True,
)
def send_login_code(phone: str, code: str, otp_id: str) -> None:
    """Send a login code; a repetition is the same message."""
    send_sms(phone, messages.login_code(code), f"otp-{otp_id}")
