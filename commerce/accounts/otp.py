"""Login codes: made here, known to the database only as a keyed hash."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime

from django.conf import settings

from commerce.core.procedures import Result, call


def hashed(phone: str, code: str) -> str:
    """HMAC-SHA256 hex of a code for one phone, keyed with `OTP_PEPPER`."""
    message = f"{phone}:{code}".encode()
    return hmac.new(settings.OTP_PEPPER.encode(), message, hashlib.sha256).hexdigest()


def new_code() -> str:
    """A random code of `OTP_LENGTH` digits."""
    return "".join(secrets.choice("0123456789") for _ in range(settings.OTP_LENGTH))


def send(phone: str, ip: str) -> tuple[str, str, datetime]:
    """Register a new code for the phone; returns (code, its id, when it expires)."""
    code = new_code()
    sent = call(
        "send_otp",
        p_phone=phone,
        p_ip=ip,
        p_code_hash=hashed(phone, code),
        p_ttl_seconds=settings.OTP_TTL_SECONDS,
        p_cooldown_seconds=settings.OTP_COOLDOWN_SECONDS,
        p_phone_limit=settings.OTP_SENDS_PER_PHONE_HOUR,
        p_ip_limit=settings.OTP_SENDS_PER_IP_HOUR,
        p_max_failures=settings.OTP_MAX_FAILURES,
        p_failure_window_seconds=settings.OTP_FAILURE_WINDOW_SECONDS,
    )
    return code, str(sent.otp_id), sent.expires_at


def verify(phone: str, code: str) -> Result:
    """Spend the code; answers `user_id` and `is_new`, or refuses and counts the attempt."""
    return call(
        "verify_otp",
        p_phone=phone,
        p_code_hash=hashed(phone, code),
        p_max_failures=settings.OTP_MAX_FAILURES,
        p_failure_window_seconds=settings.OTP_FAILURE_WINDOW_SECONDS,
    )
