"""What schemathesis can't know of this shop; loaded by its own process (`hooks` in its file)."""

from __future__ import annotations

from typing import Any

import schemathesis

BY_THE_SERVER = (414, 431)  # an address or headers too long for the web server to hand on
OPAQUE = "invalid_cursor"  # only the shop can write a cursor, so a made-up one is no valid request


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Keep a finding unless it is one of those that the contract can't put into words."""
    kind = type(failure).__name__
    if response.status_code in BY_THE_SERVER:
        return False
    if kind == "RejectedPositiveData":
        return not only_cursor(response)
    if kind == "AcceptedNegativeData":
        return not empty_query(case)
    return True


def only_cursor(response: Any) -> bool:
    """Whether nothing was refused but the cursor."""
    if response.status_code != 400:
        return False
    faults = response.json().get("errors") or [{}]
    return all(one.get("code") == OPAQUE for one in faults)


def empty_query(case: Any) -> bool:
    """Whether it is about `?name=`, which is as good as no `name` at all."""
    return any(
        isinstance(value, str) and not value.strip() for value in (case.query or {}).values()
    )
