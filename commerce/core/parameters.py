"""Header parameters that several operations share, for the API description."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers

from commerce.core.clients import CART_TOKEN_HEADER
from commerce.core.idempotency import HEADER

CART_TOKEN = OpenApiParameter(
    CART_TOKEN_HEADER, str, OpenApiParameter.HEADER, description="A guest's cart token."
)
LOGIN_OR_NOBODY: Any = [{"bearer": []}, {}]
IDEMPOTENCY_KEY = OpenApiParameter(
    HEADER,
    str,
    OpenApiParameter.HEADER,
    description="A fresh UUID per intention; the same one when the request is repeated.",
)
IDEMPOTENCY_KEY_REQUIRED = OpenApiParameter(
    HEADER,
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="A fresh UUID per intention; the same one when the request is repeated.",
)
KEY_ERRORS = ("idempotency_key_invalid", "key_reused", "request_in_progress")
KEY_REQUIRED_ERRORS = ("idempotency_key_required", *KEY_ERRORS)


def page_of(kind: type[serializers.BaseSerializer[Any]]) -> serializers.Serializer[Any]:
    """The body of a list of these: `{results, next, previous}`."""
    return inline_serializer(
        f"{kind.__name__}Page",
        {
            "results": kind(many=True),
            "next": serializers.CharField(allow_null=True),
            "previous": serializers.CharField(allow_null=True),
        },
    )


def changes(*procedures: str, errors: tuple[str, ...] = ()) -> dict[str, Any]:
    """Extensions of an operation: the procedures it calls, and the codes it raises itself."""
    return {"x-procedures": list(procedures), "x-errors": list(errors)}
