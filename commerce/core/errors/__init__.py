"""Every error a client can meet: one stable code, its status and what to tell a person.

Add a code by one `entry(...)` in the module of its subject beside this file; `make docs` carries
it into `docs/errors.md`, and a test keeps the registry equal to what SQL and Python raise.
"""

from __future__ import annotations

from types import MappingProxyType

from commerce.core.errors import (
    accounts,
    cart,
    catalog,
    coupons,
    inventory,
    orders,
    payments,
    protocol,
    shipping,
)
from commerce.core.errors.entries import ErrorCode

SUBJECTS = MappingProxyType(
    {
        "Protocol": protocol.ENTRIES,
        "Accounts": accounts.ENTRIES,
        "Catalogue": catalog.ENTRIES,
        "Inventory": inventory.ENTRIES,
        "Shipping": shipping.ENTRIES,
        "Coupons": coupons.ENTRIES,
        "Cart and checkout": cart.ENTRIES,
        "Payments and refunds": payments.ENTRIES,
        "Orders and returns": orders.ENTRIES,
    }
)
REGISTRY = MappingProxyType(
    {one.code: one for entries in SUBJECTS.values() for one in entries},
)
BY_STATUS = MappingProxyType(
    {
        400: "bad_request",
        401: "not_authenticated",
        403: "permission_denied",
        404: "not_found",
        405: "method_not_allowed",
        406: "not_acceptable",
        413: "body_too_large",
        414: "uri_too_long",
        415: "unsupported_media_type",
        429: "rate_limited",
        500: "internal_error",
        503: "temporarily_unavailable",
    }
)


def describe(code: str, status: int) -> ErrorCode:
    """The registered entry, or the generic one of `status` under this code (never a failure)."""
    if code in REGISTRY:
        return REGISTRY[code]
    fallback = "bad_request" if status < 500 else "internal_error"
    like = REGISTRY[BY_STATUS.get(status, fallback)]
    return ErrorCode(code, status, like.title, like.cause, like.action)


class ProblemError(Exception):
    """A refusal that reaches the client as a problem document.

    `errors` are `{pointer, code, detail}` items for single fields; `context` holds the figures a
    client may show; `retry_after` is in seconds.
    """

    def __init__(
        self,
        code: str,
        *,
        status: int | None = None,
        detail: str | None = None,
        context: dict[str, object] | None = None,
        errors: list[dict[str, str]] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status = status or describe(code, 500).status
        self.detail = detail
        self.context = context or {}
        self.errors = errors or []
        self.retry_after = retry_after


def field_error(code: str, pointer: str, detail: str) -> ProblemError:
    """A refusal of one field of the request, named by its JSON pointer."""
    return ProblemError(
        code,
        detail=detail,
        errors=[{"pointer": pointer, "code": code, "detail": detail}],
    )


__all__ = ["BY_STATUS", "REGISTRY", "SUBJECTS", "ErrorCode", "ProblemError", "describe"]
