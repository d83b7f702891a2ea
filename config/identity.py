"""Settings of who is who: users, passwords, login codes, tokens."""

from __future__ import annotations

from datetime import timedelta

from config.environment import DEVELOPMENT_SECRET, SECRET_KEY, env

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
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(seconds=env.int("ACCESS_TOKEN_SECONDS", default=900)),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=env.int("REFRESH_TOKEN_DAYS", default=30)),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    "SIGNING_KEY": env.str("JWT_SIGNING_KEY", default=SECRET_KEY),
    "ISSUER": "shop",
}
