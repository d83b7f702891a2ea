"""Django system checks for what makes this shop safe; those of production run with `--deploy`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

SECRET_CHARACTERS = 32
LOGIN = "commerce.accounts.authentication.BearerAuthentication"
THROTTLE = "axes.backends.AxesStandaloneBackend"
MIDDLEWARE = (
    "django.middleware.security.SecurityMiddleware",
    "commerce.core.headers.ContentPolicyMiddleware",
    "commerce.core.sessions.AuthenticationMiddleware",
    "commerce.core.sessions.OTPMiddleware",
    "axes.middleware.AxesMiddleware",
)


def _error(number: int, message: str, hint: str) -> Error:
    return Error(message, hint=hint, id=f"shop.E{number:03d}")


@register(Tags.database)
def procedures_can_commit(databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """A procedure commits by itself, which it can't inside a request's transaction."""
    return [
        _error(1, f"DATABASES[{alias!r}] has ATOMIC_REQUESTS on.", "Procedures need it off.")
        for alias, database in settings.DATABASES.items()
        if database.get("ATOMIC_REQUESTS")
    ]


@register(Tags.security)
def doors_are_hung(**kwargs: Any) -> list[CheckMessage]:
    """What revokes tokens, throttles the admin's login and guards its pages is installed."""
    faults: list[CheckMessage] = []
    if settings.REST_FRAMEWORK["DEFAULT_AUTHENTICATION_CLASSES"] != [LOGIN]:
        faults.append(_error(2, "A token can outlive its login.", f"Ask {LOGIN} alone."))
    if settings.AUTHENTICATION_BACKENDS[:1] != [THROTTLE]:
        faults.append(_error(3, "Passwords can be tried without end.", f"{THROTTLE} comes first."))
    if [one for one in settings.MIDDLEWARE if one in MIDDLEWARE] != list(MIDDLEWARE):
        order = ", ".join(MIDDLEWARE)
        faults.append(_error(4, "A guard of the pages is missing or misplaced.", f"Order: {order}"))
    return faults


@register(Tags.security, deploy=True)
def production_is_stated(**kwargs: Any) -> list[CheckMessage]:
    """What only the operator can know has been said, and nothing is open to everybody."""
    faults: list[CheckMessage] = []
    if settings.DEBUG:
        faults.append(_error(5, "DEBUG is on.", "It shows settings and SQL to strangers."))
    if not settings.PROXIES_STATED:
        hint = "Say how many proxies add to X-Forwarded-For; 0 if none."
        faults.append(_error(6, "NUM_PROXIES is not stated.", hint))
    if not settings.ADMIN_SECOND_FACTOR:
        faults.append(_error(7, "The admin opens with a password alone.", "ADMIN_SECOND_FACTOR=1"))
    if not (settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE):
        faults.append(_error(8, "Cookies travel in the clear.", "Secure both cookies."))
    if any("*" in host for host in settings.ALLOWED_HOSTS):
        faults.append(_error(9, "Any host name is believed.", "Name them in ALLOWED_HOSTS."))
    if open_origins(settings):
        hint = "List the origins in CORS_ALLOWED_ORIGINS, each with https."
        faults.append(_error(10, "Pages of other sites may read the API.", hint))
    return faults


@register(Tags.security, deploy=True)
def secrets_are_secret(**kwargs: Any) -> list[CheckMessage]:
    """Each secret is of its own, long, and not the one for development."""
    faults: list[CheckMessage] = []
    seen: dict[str, str] = {}
    for name, value in _secrets():
        if value == settings.DEVELOPMENT_SECRET:
            faults.append(_error(11, f"{name} is the one for development.", "Make one up."))
        elif len(value) < SECRET_CHARACTERS:
            hint = f"{SECRET_CHARACTERS} characters at least."
            faults.append(_error(12, f"{name} is too short.", hint))
        elif value in seen:
            hint = "Who learns one must not know the other."
            faults.append(_error(13, f"{name} is the same as {seen[value]}.", hint))
        seen.setdefault(value, name)
    return faults


def open_origins(values: Any) -> bool:
    """Whether CORS lets in everybody, patterns of origins, or an origin without TLS."""
    return bool(
        getattr(values, "CORS_ALLOW_ALL_ORIGINS", False)
        or getattr(values, "CORS_ALLOWED_ORIGIN_REGEXES", ())
        or any(urlsplit(one).scheme != "https" or "*" in one for one in values.CORS_ALLOWED_ORIGINS)
    )


def _secrets() -> Iterator[tuple[str, str]]:
    yield "SECRET_KEY", settings.SECRET_KEY
    yield "OTP_PEPPER", settings.OTP_PEPPER
    yield "METRICS_TOKEN", settings.METRICS_TOKEN
    for name, key in settings.JWT_SIGNING_KEYS:
        yield f"JWT_SIGNING_KEYS[{name!r}]", key
