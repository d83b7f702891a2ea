"""The way of a login code to its phone, with or without a broker."""

from __future__ import annotations

import logging
import uuid

from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from commerce.notifications.tasks import send_login_code

logger = logging.getLogger("commerce.notifications")


def deliver_login_code(phone: str, code: str, otp_id: uuid.UUID) -> None:
    """Queue the message; send it here and now when the broker can't take it.

    A login must not depend on the broker. The code travels through it, so it lives there no longer
    than the code itself is valid.
    """
    try:
        send_login_code.apply_async(args=(phone, code, str(otp_id)), retry=False)
    except (KombuError, RedisError, OSError) as error:
        logger.warning(
            "login code sent without the queue",
            extra={"otp_id": str(otp_id), "broker_error": type(error).__name__},
        )
        send_login_code(phone, code, str(otp_id))
