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
LOGIN_OR_NOBODY: Any = [{"bearer": []}, {"cartToken": []}, {}]
KEY_SCHEMA = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"}
IDEMPOTENCY_KEY = OpenApiParameter(
    HEADER,
    KEY_SCHEMA,
    OpenApiParameter.HEADER,
    description="A fresh UUID per intention; the same one when the request is repeated.",
)
IDEMPOTENCY_KEY_REQUIRED = OpenApiParameter(
    HEADER,
    KEY_SCHEMA,
    OpenApiParameter.HEADER,
    required=True,
    description="A fresh UUID per intention; the same one when the request is repeated.",
)
SIGNATURE = OpenApiParameter(
    "X-Sandbox-Signature",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="The provider's signature of the raw body; each provider has a header of its own.",
)
EVENT_ID = OpenApiParameter(
    "X-Sandbox-Event-Id",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="The provider's name for the event: one name, one event.",
)
KEY_ERRORS = ("idempotency_key_invalid", "key_reused", "request_in_progress")
KEY_REQUIRED_ERRORS = ("idempotency_key_required", *KEY_ERRORS)


def page_of(kind: type[serializers.BaseSerializer[Any]]) -> serializers.Serializer[Any]:
    """The body of a list of these: `{results, next, previous}`."""
    return inline_serializer(
        f"{kind.__name__}Page",
        {
            "results": kind(many=True),
            "next": serializers.CharField(allow_null=True, help_text="Cursor of the next page."),
            "previous": serializers.CharField(
                allow_null=True, help_text="Cursor of the page before."
            ),
        },
    )


def changes(
    *procedures: str,
    errors: tuple[str, ...] = (),
    never: tuple[str, ...] = (),
    follows: tuple[str, ...] = (),
    answers: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Extensions of an operation: the procedures it calls, and the codes it raises itself.

    `never` are codes that would follow from its procedures or its shape but cannot be met here.
    `follows` are procedures whose refusals stay out of the answer, since a job tries them again.
    `answers` are headers of its success.
    """
    return {
        "x-procedures": [*procedures, *follows],
        "x-errors": list(errors),
        "x-never": list(never),
        "x-follows": list(follows),
        "x-answers": list(answers),
    }
