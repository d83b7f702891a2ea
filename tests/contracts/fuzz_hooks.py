"""What schemathesis can't know of this shop; loaded by its own process (`hooks` in its file)."""

from __future__ import annotations

from typing import Any

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
        return not empty_query(case)
    return True


def beyond_words(response: Any) -> bool:
    """Whether nothing was refused but what the contract can't say."""
    if response.status_code != 400:
        return False
    faults = response.json().get("errors") or [{}]
    return all(one.get("code") in BEYOND_WORDS for one in faults)


def empty_query(case: Any) -> bool:
    """Whether it is about `?name=`, which is as good as no `name` at all."""
    return any(
        isinstance(value, str) and not value.strip() for value in (case.query or {}).values()
    )
