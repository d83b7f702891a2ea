"""JSON as this project reads and writes it: exact decimals, text that PostgreSQL can store."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from functools import partial

from django.core.serializers.json import DjangoJSONEncoder

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
MAX_DEPTH = 32

dumps = partial(json.dumps, cls=DjangoJSONEncoder, ensure_ascii=False)
loads = partial(json.loads, parse_float=Decimal)


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
