"""Which registered codes an operation can answer: its own, its procedures' and everybody's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any

from commerce.core.errors import REGISTRY
from commerce.core.reviewed.files import procedure_files
from commerce.core.reviewed.shape_rules import header
from commerce.core.reviewed.signature import procedures_dir

EVERYWHERE = (
    "bad_request",
    "invalid_text",
    "not_acceptable",
    "rate_limited",
    "internal_error",
    "temporarily_unavailable",
)
WITH_BODY = ("validation_failed", "malformed_json", "json_too_deep", "unsupported_media_type")
UNSAFE = ("body_too_large",)
WITH_QUERY = ("validation_failed", "uri_too_long")
WITH_LOGIN = ("not_authenticated",)
STAFF_ONLY = ("permission_denied",)
WITH_PATH = ("not_found",)
WITH_PROCEDURES = ("number_out_of_range", "outcome_unknown")
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


@cache
def codes_of_procedure(name: str) -> tuple[str, ...]:
    """The codes that a procedure raises, as its reviewed header lists them."""
    files = {file.name: file for file in procedure_files(procedures_dir())}
    listed = header(files[name]).get("Errors", "").replace(",", " ").split()
    return tuple(word for word in listed if word in REGISTRY)


def codes_of(operation: dict[str, Any], path: str, method: str, *, staff: bool) -> list[str]:
    """Every code that the operation can answer, `x-never` left out, by status and name."""
    found = {*EVERYWHERE, *_by_shape(operation, path, method)}
    found |= {*operation.get("x-errors", [])}
    if staff:
        found |= {*STAFF_ONLY}
    procedures = operation.get("x-procedures", [])
    if procedures:
        found |= {*WITH_PROCEDURES} if operation.get("requestBody") else {"outcome_unknown"}
    for name in procedures:
        if name not in operation.get("x-follows", []):
            found |= {*codes_of_procedure(name)}
    found -= {*operation.get("x-never", [])}
    return sorted(found, key=lambda code: (REGISTRY[code].status, code))


def _by_shape(operation: dict[str, Any], path: str, method: str) -> Iterator[str]:
    parameters = operation.get("parameters", [])
    if operation.get("requestBody"):
        yield from WITH_BODY
    if any(one["in"] == "query" for one in parameters):
        yield from WITH_QUERY
    if method not in SAFE_METHODS:
        yield from UNSAFE
    if operation.get("security"):
        yield from WITH_LOGIN
    if "{" in path:
        yield from WITH_PATH


def by_status(codes: list[str]) -> dict[int, list[str]]:
    """The codes under the status that each is answered with."""
    found: dict[int, list[str]] = defaultdict(list)
    for code in codes:
        found[REGISTRY[code].status].append(code)
    return dict(found)
