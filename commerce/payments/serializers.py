"""What the payment endpoints take and answer."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from commerce.core.serializers import StrictSerializer
from commerce.payments.models import PaymentState


class AttemptInput(StrictSerializer):
    """With which provider to pay."""

    provider = serializers.RegexField(r"^[a-z0-9_]{1,20}$", default="sandbox")


class AttemptOutput(serializers.Serializer[Any]):
    """An open attempt; the app hands `provider_order_id` to the provider."""

    id = serializers.UUIDField()
    provider = serializers.CharField()
    provider_order_id = serializers.CharField(
        allow_null=True, help_text="Null when it ended before the provider was asked."
    )
    amount = serializers.DecimalField(max_digits=12, decimal_places=2)
    currency = serializers.CharField()
    status = serializers.ChoiceField(PaymentState.choices)
    expires_at = serializers.DateTimeField(allow_null=True, help_text="Until when it can be paid.")


class VerifyInput(StrictSerializer):
    """What the provider gave the app after the payment."""

    provider_order_id = serializers.CharField(max_length=100)
    provider_payment_id = serializers.CharField(max_length=100)
    signature = serializers.CharField(max_length=500)


class PaidOrder(serializers.Serializer[Any]):
    """The order as the payment left it."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    status = serializers.CharField(help_text="As the order's own `status`.")
    payment_status = serializers.CharField(help_text="As the order's own `payment_status`.")


class VerifyOutput(serializers.Serializer[Any]):
    """The payment's status and its order's."""

    status = serializers.ChoiceField(PaymentState.choices)
    order = PaidOrder()


class WebhookOutput(serializers.Serializer[Any]):
    """The event is safe with us; what it means is settled apart from this answer."""

    received = serializers.BooleanField()
