"""Settings of who is who: users, passwords, login codes, tokens."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import timedelta

from django.core.exceptions import ImproperlyConfigured

from config.environment import DEVELOPMENT_SECRET, SECRET_KEY, env

SIGNING_KEY_LENGTH = 32


def signing_keys(named: Sequence[str], secret: str) -> tuple[tuple[str, str], ...]:
    """(id, key) of each `id:key`, the one that signs first; without any, one made of `secret`."""
    if not named:
        made = hmac.new(secret.encode(), b"access and refresh tokens", hashlib.sha256)
        return (("default", made.hexdigest()),)
    keys = tuple(
        (name.strip(), key.strip()) for name, _, key in (one.partition(":") for one in named)
    )
    if len({name for name, _ in keys}) < len(keys) or not all(name for name, _ in keys):
        raise ImproperlyConfigured(
            "JWT_SIGNING_KEYS: each key needs an id of its own, id:key,id:key"
        )
    if any(len(key) < SIGNING_KEY_LENGTH for _, key in keys):
        raise ImproperlyConfigured(
            f"JWT_SIGNING_KEYS: a key has {SIGNING_KEY_LENGTH} characters at least"
        )
    return keys


OTP_PEPPER = env.str("OTP_PEPPER", default=DEVELOPMENT_SECRET)
AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
OTP_LENGTH = env.int("OTP_LENGTH", default=6)
OTP_TTL_SECONDS = env.int("OTP_TTL_SECONDS", default=300)
OTP_COOLDOWN_SECONDS = env.int("OTP_COOLDOWN_SECONDS", default=30)
OTP_SENDS_PER_PHONE_HOUR = env.int("OTP_SENDS_PER_PHONE_HOUR", default=5)
OTP_SENDS_PER_IP_HOUR = env.int("OTP_SENDS_PER_IP_HOUR", default=30)
OTP_MAX_FAILURES = env.int("OTP_MAX_FAILURES", default=5)
OTP_FAILURE_WINDOW_SECONDS = env.int("OTP_FAILURE_WINDOW_SECONDS", default=3600)
JWT_SIGNING_KEYS = signing_keys(env.list("JWT_SIGNING_KEYS", default=[]), SECRET_KEY)
ACCESS_TOKEN_SECONDS = env.int("ACCESS_TOKEN_SECONDS", default=900)
REFRESH_GRACE_SECONDS = env.int("REFRESH_GRACE_SECONDS", default=30)
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(seconds=ACCESS_TOKEN_SECONDS),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=env.int("REFRESH_TOKEN_DAYS", default=30)),
    "ISSUER": env.str("JWT_ISSUER", default="shop"),
    "AUDIENCE": env.str("JWT_AUDIENCE", default="shop-app"),
    "LEEWAY": 5,  # seconds by which the clocks of two servers may differ
}
