"""What would be careless in production, by the setting that says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from config.environment import DEVELOPMENT_SECRET, env

ACCESS_TOKEN_SECONDS_MAX = 900
UNSET = {"", DEVELOPMENT_SECRET}


def refuse_unsafe(settings: Mapping[str, Any]) -> None:
    """Name every unsafe setting in one ImproperlyConfigured."""
    unsafe = [
        name
        for name, careless in {
            "SECRET_KEY": settings["SECRET_KEY"] in UNSET,
            "ACCESS_TOKEN_SECONDS": settings["ACCESS_TOKEN_SECONDS"] > ACCESS_TOKEN_SECONDS_MAX,
            "OTP_PEPPER": settings["OTP_PEPPER"] in UNSET,
            "DATABASE_URL": not settings["DATABASE_URL"],
            "REDIS_URL": not env.str("REDIS_URL", default=""),
            "DEBUG": settings["DEBUG"],
            "METRICS_TOKEN": not settings["METRICS_TOKEN"],
            "SMS_BACKEND": settings["SMS_BACKEND"].endswith(".FileSms"),
            "MAIL_BACKEND": settings["MAIL_BACKEND"].endswith(".FileMail"),
            "PAYMENT_PROVIDERS": "sandbox" in settings["PAYMENT_PROVIDERS"],
            "ADMIN_SECOND_FACTOR": not settings["ADMIN_SECOND_FACTOR"],
            "ADMIN_SELF_ENROLMENT": settings["ADMIN_SELF_ENROLMENT"],
            "ALLOWED_HOSTS": any("*" in host for host in settings["ALLOWED_HOSTS"]),
            "CORS_ALLOWED_ORIGINS": any("*" in one for one in settings["CORS_ALLOWED_ORIGINS"]),
            "NUM_PROXIES": not settings["PROXIES_STATED"],
        }.items()
        if careless
    ]
    if unsafe:
        raise ImproperlyConfigured(f"Not safe for production, set: {', '.join(unsafe)}")
