"""What schemathesis can't know of this shop; loaded by its own process (`hooks` in its file)."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import schemathesis

BY_THE_SERVER = (414, 431)  # an address or headers too long for the web server to hand on
# Only the shop can write a cursor, and no schema says which texts can't be stored (NUL).
BEYOND_WORDS = {"invalid_cursor", "invalid_text"}


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Keep a finding unless it is one of those that the contract can't put into words."""
    kind = type(failure).__name__
    if response.status_code in BY_THE_SERVER:
        return False
    if kind == "RejectedPositiveData":
        return not beyond_words(response)
    if kind == "AcceptedNegativeData":
        return not empty_query(response)
    return True


def beyond_words(response: Any) -> bool:
    """Whether nothing was refused but what the contract can't say."""
    if response.status_code != 400:
        return False
    faults = response.json().get("errors") or [{}]
    return all(one.get("code") in BEYOND_WORDS for one in faults)


def empty_query(response: Any) -> bool:
    """Whether it is about `?name=`, which is as good as no `name` at all."""
    sent = parse_qsl(urlsplit(response.request.url).query, keep_blank_values=True)
    return any(not value.strip() for _, value in sent)
