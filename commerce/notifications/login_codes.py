"""The way of a login code to its phone, with or without a broker."""

from __future__ import annotations

import logging
import uuid

from commerce.core.queue import handed_over
from commerce.notifications.tasks import send_login_code

logger = logging.getLogger("commerce.notifications")


def deliver_login_code(phone: str, code: str, otp_id: uuid.UUID) -> None:
    """Queue the message; send it here and now when the broker can't take it.

    A login must not depend on the broker. The code travels through it, so it lives there no longer
    than the code itself is valid.
    """
    if not handed_over(send_login_code.apply_async, (phone, code, str(otp_id))):
        logger.warning("login code sent without the queue", extra={"otp_id": str(otp_id)})
        send_login_code(phone, code, str(otp_id))
