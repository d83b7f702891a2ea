"""JSON as this project reads and writes it: exact decimals, text that PostgreSQL can store."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from functools import partial

from django.core.serializers.json import DjangoJSONEncoder

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
MAX_DEPTH = 32
MAX_NUMBER_CHARACTERS = 64
MAX_EXPONENT = 64  # written out, 1e999999999 would fill the memory


def _bounded(text: str) -> str:
    _, _, exponent = text.lower().partition("e")
    if len(text) > MAX_NUMBER_CHARACTERS or abs(int(exponent or 0)) > MAX_EXPONENT:
        raise ValueError(f"{text[:MAX_NUMBER_CHARACTERS]} is no number that a shop needs")
    return text


def _decimal(text: str) -> Decimal:
    return Decimal(_bounded(text))


def _integer(text: str) -> int:
    return int(_bounded(text))


dumps = partial(json.dumps, cls=DjangoJSONEncoder, ensure_ascii=False)
loads = partial(json.loads, parse_float=_decimal, parse_int=_integer)


class TooDeep(ValueError):
    """The value nests deeper than `MAX_DEPTH`."""


def pointer_to_unstorable(value: object, start: str = "") -> str | None:
    """JSON pointer of the first text with a NUL or a lone surrogate, else None."""
    waiting: list[tuple[object, str, int]] = [(value, start, 0)]
    while waiting:
        one, pointer, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise TooDeep
        if isinstance(one, str) and UNSTORABLE.search(one):
            return pointer
        if isinstance(one, dict):
            for key, inner in one.items():
                if UNSTORABLE.search(str(key)):
                    return pointer
                waiting.append((inner, f"{pointer}/{escaped(str(key))}", depth + 1))
        elif isinstance(one, list | tuple):
            waiting += [(inner, f"{pointer}/{n}", depth + 1) for n, inner in enumerate(one)]
    return None


def escaped(key: str) -> str:
    """A key as one step of a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")
