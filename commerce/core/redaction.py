"""What no log line may tell: who somebody is, where they live, and what opens a door.

Lines are written without such things in the first place; this is the net below, for texts that are
not ours: errors of libraries and of PostgreSQL, which quote the row that they refuse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from django.conf import settings

HIDDEN = "[hidden]"
SHORTEST = 6  # of what could be personal, a login code
PERSONAL_KEYS = frozenset(
    "address api_key authorization city cookie customer_name email full_name ip landmark line1"
    " line2 mobile otp password phone pincode raw_body refresh secret set_cookie shipping_address"
    " signature signing_key token".split()
)
PERSONAL_ENDINGS = ("_phone", "_email", "_token", "_secret", "_password", "_signature", "_hash")
SECRET_SETTING = re.compile(r"SECRET|PEPPER|SIGNING_KEY|(?<!AUTH)_(?:PASSWORD|TOKEN)$")

PATTERNS = (
    # PostgreSQL quotes rows, values and statements in these parts of an error
    r"(?m)^CONTEXT:  (?:JSON data|unnamed portal|COPY ).*$",
    r"(?ms)^(?:DETAIL|QUERY|STATEMENT|LINE \d+):"
    r".*?(?=^(?:HINT|CONTEXT):|\n\n(?:The above|During) |^Traceback |\Z)",
    r"(?<=invalid input syntax for type )[^\n]*",
    r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)",
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    r"\beyJ[\w-]{6,}(?:\.[\w-]+)*",
    r"(?i)\bbearer\s+\S+",
    r"(?<![\w.-])\+\d[\d -]{7,16}\d",
    r"(?<![\w.+-])(?:(?:91|0)[ -]?)?[6-9]\d{4}[ -]?\d{5}(?![\w.-]*\w)",
    r"\b[0-9a-f]{64,}\b",
    r"(?i)\b(?:otp|code)(?:\s+is)?[\s:=]+\d{4,8}\b",
    r"""(?i)\b(?:password|secret|token|signature|otp)["']?\s*[:=]\s*["']?[^\s"',;)}]+""",
)


def redacted(text: str) -> str:
    """The text without what is personal or secret."""
    if len(text) < SHORTEST:
        return text
    for known in _known_secrets():
        text = text.replace(known, HIDDEN)
    for pattern in _patterns():
        text = pattern.sub(HIDDEN, text)
    return text


def without_personal(value: Any, key: str = "") -> Any:
    """A field of a log line: hidden by its name, or freed of what is personal in its texts."""
    if _is_personal(key) and value not in (None, "", True, False):
        return HIDDEN
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, Mapping):
        return {str(name): without_personal(inner, str(name)) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [without_personal(inner) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return redacted(str(value))


def _is_personal(key: str) -> bool:
    name = key.lower().replace("-", "_")
    return name in PERSONAL_KEYS or name.endswith(PERSONAL_ENDINGS)


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in PATTERNS)


@cache
def _known_secrets() -> tuple[str, ...]:
    """Every secret among the settings, the longest first."""
    named = {name: getattr(settings, name) for name in dir(settings) if SECRET_SETTING.search(name)}
    databases = [one.get("PASSWORD", "") for one in settings.DATABASES.values()]
    found = {text for text in _texts([*named.values(), *databases]) if len(text) >= SHORTEST * 2}
    return tuple(sorted(found, key=len, reverse=True))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
