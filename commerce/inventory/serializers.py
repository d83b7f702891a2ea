"""What the stock endpoints take and answer."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from commerce.core.serializers import StrictSerializer
from commerce.inventory.models import DocumentKind

UNITS_MAX = 1_000_000
LINES_MAX = 500


class StockLine(StrictSerializer):
    """Units of one SKU in one warehouse, by code."""

    sku = serializers.CharField(max_length=40)
    warehouse = serializers.CharField(max_length=20)
    quantity = serializers.IntegerField(min_value=1, max_value=UNITS_MAX)


class ReceiptInput(StrictSerializer):
    """Stock that has arrived; a reference is booked once."""

    reference = serializers.CharField(max_length=80)
    lines = StockLine(many=True, allow_empty=False, max_length=LINES_MAX)  # type: ignore[call-arg]


class WriteOffInput(ReceiptInput):
    """Stock that is lost, and why."""

    reason = serializers.CharField(max_length=200)


class StockDocumentOutput(serializers.Serializer[Any]):
    """What was booked."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(DocumentKind.choices)
    reference = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    lines = StockLine(many=True)
    created_at = serializers.DateTimeField()
