"""The headers of answers: what each means, and which answers carry it."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from commerce.core.clients import CART_TOKEN_HEADER
from commerce.core.idempotency import HEADER, REPLAYED_HEADER
from commerce.core.tracing import HEADER as REQUEST_ID

REVALIDATED = "If-None-Match"
KEPT = frozenset({"Cache-Control", "ETag"})
LIMITS = frozenset({"RateLimit", "RateLimit-Policy"})
WAITING = frozenset({"request_in_progress"})
WAITING_STATUSES = frozenset({429, 503})
HEADERS: MappingProxyType[str, dict[str, Any]] = MappingProxyType(
    {
        "Retry-After": {
            "description": "Seconds to wait before the request is sent again.",
            "schema": {"type": "integer", "minimum": 0},
            "example": 2,
        },
        REQUEST_ID: {
            "description": "Names this request in the shop's logs; a problem's `request_id`.",
            "schema": {"type": "string"},
            "example": "01994f3a7c0070008000000000000001",
        },
        "Content-Language": {
            "description": "The language of the texts, as `Accept-Language` prefers.",
            "schema": {"type": "string", "enum": ["en", "hi"]},
            "example": "en",
        },
        "RateLimit-Policy": {
            "description": "The limits that count here: name, requests `q` in `w` seconds.",
            "schema": {"type": "string"},
            "example": '"ordinary";q=1000;w=60',
        },
        "RateLimit": {
            "description": "What is left of each: `r` requests, the next one back in `t` seconds.",
            "schema": {"type": "string"},
            "example": '"ordinary";r=999;t=1',
        },
        "ETag": {
            "description": "Names this version of the page; send it back as `If-None-Match`.",
            "schema": {"type": "string"},
            "example": '"5f1c2d3e"',
        },
        "Cache-Control": {
            "description": "How long the page may be kept, by whom.",
            "schema": {"type": "string"},
            "example": "public, max-age=0, s-maxage=5, stale-while-revalidate=30",
        },
        "WWW-Authenticate": {
            "description": "How to say who asks: by a bearer token.",
            "schema": {"type": "string"},
            "example": 'Bearer realm="api"',
        },
        REPLAYED_HEADER: {
            "description": "`true` when this repeats what the first request under the key was "
            "answered; absent otherwise.",
            "schema": {"type": "string", "enum": ["true"]},
            "example": "true",
        },
        CART_TOKEN_HEADER: {
            "description": "The new guest cart's token, once: keep it and send it from then on.",
            "schema": {"type": "string"},
            "example": "cart-token-of-this-example",
        },
    }
)


def component(name: str) -> dict[str, str]:
    """A reference to a header that every operation describes alike."""
    return {"$ref": f"#/components/headers/{name}"}


def of_success(operation: dict[str, Any], *, limited: bool) -> dict[str, Any]:
    """The headers of an operation's success beside the deprecation's."""
    sent = {one["name"] for one in operation.get("parameters", []) if one["in"] == "header"}
    found = {REQUEST_ID, *operation.get("x-answers", [])}
    if HEADER in sent:
        found.add(REPLAYED_HEADER)
    if REVALIDATED in sent:
        found |= KEPT
    if limited:
        found |= LIMITS
    return {name: component(name) for name in sorted(found)}


def revalidated(operation: dict[str, Any]) -> None:
    """Say of a page that everybody may keep how to ask whether it is still the same."""
    operation.setdefault("parameters", []).append(
        {
            "in": "header",
            "name": REVALIDATED,
            "schema": {"type": "string"},
            "description": "The `ETag` of the page that is at hand.",
        }
    )
    operation["responses"]["304"] = {"description": "The page at hand is still the same."}


def of_problem(status: int, codes: list[str]) -> dict[str, Any]:
    """The headers of a problem document of this status."""
    found = {REQUEST_ID, "Content-Language"}
    if status in WAITING_STATUSES or WAITING & {*codes}:
        found.add("Retry-After")
    if status == 429:
        found |= LIMITS
    if status == 401:
        found.add("WWW-Authenticate")
    return {name: component(name) for name in sorted(found)}
