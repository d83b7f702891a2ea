"""Production settings are clean, and each careless one is named by its own check."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from commerce.core import checks
from commerce.core.servers.places import PROJECT

PRODUCTION = {
    "DJANGO_ENV": "production",
    "DEBUG": "false",
    "SECRET_KEY": "a" * 25 + "bcdefghijklmnopqrstuvwxyz" + "0123456789",
    "JWT_SIGNING_KEYS": "2026-11:" + "c" * 25 + "defghijklmnopqrstuvwxyz" + "0123456789",
    "OTP_PEPPER": "e" * 25 + "fghijklmnopqrstuvwxyz" + "0123456789",
    "METRICS_TOKEN": "g" * 25 + "hijklmnopqrstuvwxyz" + "0123456789",
    "DATABASE_URL": "postgres://shop:password@db.example.com/shop",
    "REDIS_URL": "redis://cache.example.com/0",
    "SMS_BACKEND": "somewhere.Sms",
    "MAIL_BACKEND": "somewhere.Mail",
    "PAYMENT_PROVIDERS": "razorpay",
    "ALLOWED_HOSTS": "api.example.com",
    "CORS_ALLOWED_ORIGINS": "https://www.example.com",
    "NUM_PROXIES": "1",
    "DJANGO_SETTINGS_MODULE": "config.settings",
}
KEPT = ("PATH", "HOME", "LANG", "VIRTUAL_ENV")


def checked(**changes: str | None) -> subprocess.CompletedProcess[str]:
    """`manage.py check --deploy` in production's environment; every warning fails it."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=PROJECT,
        env={name: one for name, one in (kept | PRODUCTION | changes).items() if one is not None},
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_settings_are_clean() -> None:
    done = checked()

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("System check identified no issues")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "development-only-not-for-production-0123456789"),
        ("DEBUG", "true"),
        ("ALLOWED_HOSTS", "*"),
        ("CORS_ALLOWED_ORIGINS", "https://*.example.com"),
        ("ADMIN_SECOND_FACTOR", "false"),
        ("ADMIN_SELF_ENROLMENT", "true"),
        ("NUM_PROXIES", None),
    ],
)
def test_production_does_not_start_carelessly(name: str, value: str | None) -> None:
    done = checked(**{name: value})

    assert done.returncode != 0
    assert f"Not safe for production, set: {name}" in done.stderr


def found(settings: Any, **changes: Any) -> list[str | None]:
    """The ids of all checks' messages with good settings but for the changes."""
    good = {
        "DEBUG": False,
        "PROXIES_STATED": True,
        "ADMIN_SECOND_FACTOR": True,
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "ALLOWED_HOSTS": ["api.example.com"],
        "CORS_ALLOWED_ORIGINS": ["https://www.example.com"],
        "SECRET_KEY": PRODUCTION["SECRET_KEY"],
        "OTP_PEPPER": PRODUCTION["OTP_PEPPER"],
        "METRICS_TOKEN": PRODUCTION["METRICS_TOKEN"],
        "JWT_SIGNING_KEYS": (("2026-11", "c" * 40),),
    }
    for name, value in (good | changes).items():
        setattr(settings, name, value)
    made = [
        *checks.procedures_can_commit(),
        *checks.doors_are_hung(),
        *checks.production_is_stated(),
        *checks.secrets_are_secret(),
    ]
    return [one.id for one in made]


def test_good_settings_have_no_fault(settings: Any) -> None:
    assert found(settings) == []


@pytest.mark.parametrize(
    ("fault", "changes"),
    [
        ("shop.E003", {"AUTHENTICATION_BACKENDS": ["django.contrib.auth.backends.ModelBackend"]}),
        ("shop.E004", {"MIDDLEWARE": list(checks.MIDDLEWARE[1:])}),
        ("shop.E004", {"MIDDLEWARE": list(reversed(checks.MIDDLEWARE))}),
        ("shop.E005", {"DEBUG": True}),
        ("shop.E006", {"PROXIES_STATED": False}),
        ("shop.E007", {"ADMIN_SECOND_FACTOR": False}),
        ("shop.E008", {"SESSION_COOKIE_SECURE": False}),
        ("shop.E008", {"CSRF_COOKIE_SECURE": False}),
        ("shop.E009", {"ALLOWED_HOSTS": ["*"]}),
        ("shop.E010", {"CORS_ALLOW_ALL_ORIGINS": True}),
        ("shop.E010", {"CORS_ALLOWED_ORIGINS": ["http://www.example.com"]}),
        ("shop.E010", {"CORS_ALLOWED_ORIGIN_REGEXES": [".*"]}),
        ("shop.E011", {"OTP_PEPPER": "development-only-not-for-production-0123456789"}),
        ("shop.E012", {"METRICS_TOKEN": "short"}),
        ("shop.E013", {"OTP_PEPPER": PRODUCTION["SECRET_KEY"]}),
        ("shop.E013", {"JWT_SIGNING_KEYS": (("a", PRODUCTION["OTP_PEPPER"]),)}),
    ],
)
def test_careless_setting_is_named(settings: Any, fault: str, changes: dict[str, Any]) -> None:
    assert found(settings, **changes) == [fault]


def test_transaction_around_each_request_is_named(monkeypatch: Any, settings: Any) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "ATOMIC_REQUESTS", True)

    assert found(settings) == ["shop.E001"]


def test_token_that_could_outlive_its_login_is_named(settings: Any) -> None:
    plain = ["rest_framework_simplejwt.authentication.JWTAuthentication"]

    changed = settings.REST_FRAMEWORK | {"DEFAULT_AUTHENTICATION_CLASSES": plain}

    assert found(settings, REST_FRAMEWORK=changed) == ["shop.E002"]
