"""The built-in provider for development: real signatures, no money.

Payment signature: HMAC-SHA256 hex over `provider_order_id|provider_payment_id`. Webhook signature:
HMAC-SHA256 hex over the raw body, in `X-Sandbox-Signature`; event id in `X-Sandbox-Event-Id`.
Refunds are answered at once.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from rest_framework import serializers

from commerce.core.errors import ProblemError
from commerce.core.json_text import loads
from commerce.payments.models import EventKind
from commerce.payments.providers import ProviderEvent

SIGNATURE_HEADER = "X-Sandbox-Signature"
EVENT_ID_HEADER = "X-Sandbox-Event-Id"
CAPTURE_NAMES = ("provider_payment_id", "amount", "currency")


def sign(message: bytes) -> str:
    """HMAC-SHA256 hex with `PAYMENT_SANDBOX_SECRET`."""
    secret: str = settings.PAYMENT_SANDBOX_SECRET
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


class WebhookBody(serializers.Serializer[Any]):
    """The body of a sandbox webhook; fields it doesn't know are the provider's own business."""

    event = serializers.ChoiceField(EventKind.choices)
    provider_order_id = serializers.CharField(max_length=100, required=False, allow_null=True)
    provider_payment_id = serializers.CharField(max_length=100, required=False, allow_null=True)
    refund_id = serializers.CharField(max_length=100, required=False, allow_null=True)
    amount = serializers.DecimalField(
        max_digits=12, decimal_places=2, required=False, allow_null=True
    )
    currency = serializers.CharField(max_length=3, required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a capture that does not say which money it is."""
        if attrs["event"] == EventKind.PAYMENT_CAPTURED:
            missing = [name for name in CAPTURE_NAMES if attrs.get(name) is None]
            if missing:
                raise serializers.ValidationError(
                    dict.fromkeys(missing, "A capture must name it."), code="required"
                )
        return attrs


class Sandbox:
    """Speaks the sandbox protocol."""

    name = "sandbox"

    def create_order(self, payment_id: UUID, amount: Decimal, currency: str) -> str:
        """The order id follows from our key, so asking twice is asking once."""
        return f"sbx_order_{payment_id.hex}"

    def signature_holds(self, order_id: str, payment_id: str, signature: str) -> bool:
        """Compare in constant time, as bytes, since a signature may hold anything."""
        expected = sign(f"{order_id}|{payment_id}".encode())
        return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> ProviderEvent:
        """Check the signature before anything of the body is believed."""
        signature = headers.get(SIGNATURE_HEADER, "")
        if not hmac.compare_digest(sign(body).encode(), signature.encode("utf-8", "replace")):
            raise ProblemError("webhook_signature_invalid")
        event_id = headers.get(EVENT_ID_HEADER, "")
        if not 1 <= len(event_id) <= 200:
            raise ProblemError("event_id_missing", context={"header": EVENT_ID_HEADER})
        try:
            text = body.decode()
            parsed = loads(text)
        except (ValueError, RecursionError):
            raise ProblemError("malformed_json") from None
        checked = WebhookBody(data=parsed)
        checked.is_valid(raise_exception=True)
        values = checked.validated_data
        return ProviderEvent(
            event_id=event_id,
            kind=values["event"],
            raw=text,
            provider_order_id=values.get("provider_order_id"),
            provider_payment_id=values.get("provider_payment_id"),
            provider_refund_id=values.get("refund_id"),
            amount=values.get("amount"),
            currency=values.get("currency"),
        )

    def refund(
        self, refund_id: UUID, provider_payment_id: str | None, amount: Decimal, currency: str
    ) -> ProviderEvent:
        """Answer at once; the id follows from our key, so asking twice is refunding once."""
        provider_refund_id = f"sbx_refund_{refund_id.hex}"
        body = {
            "event": EventKind.REFUND_PROCESSED.value,
            "refund_id": provider_refund_id,
            "provider_payment_id": provider_payment_id,
            "amount": str(amount),
            "currency": currency,
        }
        return ProviderEvent(
            event_id=f"refund:{provider_refund_id}",
            kind=EventKind.REFUND_PROCESSED.value,
            raw=json.dumps(body),
            provider_payment_id=provider_payment_id,
            provider_refund_id=provider_refund_id,
            refund_id=refund_id,
            amount=amount,
            currency=currency,
        )
