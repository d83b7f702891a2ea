"""What no log line may tell: who somebody is, where they live, and what opens a door.

Lines are written without such things in the first place; this is the net below, for texts that are
not ours: errors of libraries and of PostgreSQL, which quote the row that they refuse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

from django.conf import settings

HIDDEN = "[hidden]"
SHORTEST = 6  # of what could be personal, a login code
FEW_WORDS = 64  # characters
PERSONAL_KEYS = frozenset(
    "address api_key authorization city cookie customer_name email full_name ip landmark line1"
    " line2 mobile otp password phone pincode raw_body refresh secret set_cookie shipping_address"
    " signature signing_key token".split()
)
PERSONAL_ENDINGS = ("_phone", "_email", "_token", "_secret", "_password", "_signature", "_hash")
SECRET_SETTING = re.compile(r"SECRET|PEPPER|SIGNING_KEY|(?<!AUTH)_(?:PASSWORD|TOKEN)$")

LONGEST = 8000  # characters of a text that are kept: half from its start, half from its end
MARGIN = 1024  # beside a cut, where half of something private would not be known any more

# Each pattern takes time in proportion to the text, whoever wrote it: what repeats is bounded, but
# for one possessive repetition at the very end, after which nothing can fail and be tried again.
#
# PostgreSQL quotes rows, values and statements in these parts of an error, of any length.
QUOTED = (
    r"(?m)^CONTEXT:  (?:JSON data|unnamed portal|COPY )[^\n]*+",
    r"(?ms)^(?:DETAIL|QUERY|STATEMENT|LINE \d{1,9}):"
    r"(?:(?!^(?:HINT|CONTEXT):|\n\n(?:The above|During) |^Traceback ).)*+",
    r"(?<=invalid input syntax for type )[^\n]*+",
)
PHONE_BEFORE = r"(?:(?<![\w.+-])|(?<=%[0-9A-Fa-f]{2}))"  # no figure of an id or of an amount
PHONE_AFTER = r"(?!\w|-\w|\.\d)"
INDIA = r"(?:(?:[9९][1१]|[0\u0966])(?:[ -]|%20)?)?"
GAP = r"(?:[ -]|%20)"
KEY_SIGN = r"""["']?\s{0,8}(?:[:=]|%3D)\s{0,8}["']?"""
PATTERNS = (
    r"(?<=://)[^/\s:@]{0,128}:[^/\s@]{1,512}+(?=@)",
    r"[\w.+%-]{1,64}(?:@|%40)[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}",
    r"\beyJ[\w-]{6}[\w.-]*+",
    r"(?i)\bbearer(?:\s|%20){1,8}\S++",
    r"(?i)(?:(?<![\w.-])\+|%2B)\d(?:[\d -]|%20){7,16}\d",
    rf"{PHONE_BEFORE}{INDIA}\(?[6-9६-९]\d{{4}}\)?{GAP}?\d{{5}}{PHONE_AFTER}",
    rf"{PHONE_BEFORE}{INDIA}[6-9६-९]\d\d{GAP}\d{{3}}{GAP}\d{{4}}{PHONE_AFTER}",
    rf"{PHONE_BEFORE}{INDIA}[6-9६-९]\d{{3}}{GAP}\d{{3}}{GAP}\d{{3}}{PHONE_AFTER}",
    r"\b[0-9a-f]{64,}+",
    r"(?i)\b(?:otp|code)(?:\s{1,8}is)?[\s:=]{1,8}\d{4,8}\b",
    r"(?i)\b\d{4,8}\s{1,8}is\s{1,8}your\b[^\n]{0,60}?\b(?:otp|code)\b",
    rf"""(?i)(?<![^\W_])(?:password|secret|token|signature|otp){KEY_SIGN}[^\s"',;)}}]++""",
)


def redacted(text: str) -> str:
    """The text without what is personal or secret; of a very long one the start and the end."""
    if len(text) < SHORTEST:
        return text
    return _of_few_words(text) if len(text) <= FEW_WORDS else _redacted(text)


@lru_cache(maxsize=2048)
def _of_few_words(text: str) -> str:
    """The same, remembered: most lines tell of the same procedures and outcomes."""
    return _redacted(text)


def _redacted(text: str) -> str:
    for pattern in _compiled(QUOTED):
        text = pattern.sub(HIDDEN, text)
    if len(text) <= LONGEST + 2 * MARGIN:
        return _freed(text)
    half = LONGEST // 2
    start = _freed(text[: half + MARGIN])[:-MARGIN]
    end = _freed(text[-half - MARGIN :])[MARGIN:]
    return f"{start} [{len(text) - LONGEST} characters cut] {end}"


def _freed(text: str) -> str:
    for known in _known_secrets():
        text = text.replace(known, HIDDEN)
    for pattern in _compiled(PATTERNS):
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
def _compiled(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in patterns)


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
