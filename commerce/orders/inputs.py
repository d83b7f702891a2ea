"""What the order endpoints take."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from commerce.cart.models import PaymentMethod
from commerce.cart.serializers import QUANTITY_MAX
from commerce.core.serializers import StrictSerializer
from commerce.orders.states import ReturnCondition

LINES_MAX = 100
VERSION_MAX = 2**31 - 1


class PlaceOrderInput(StrictSerializer):
    """The address and method of the checkout, and the total that the buyer saw."""

    address_id = serializers.UUIDField()
    payment_method = serializers.ChoiceField(PaymentMethod.choices)
    expected_total = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=Decimal(0))


class CancelInput(StrictSerializer):
    """Why the order is cancelled."""

    reason = serializers.CharField(max_length=200)


class ItemQuantity(StrictSerializer):
    """Units of one order line."""

    order_item_id = serializers.UUIDField()
    quantity = serializers.IntegerField(min_value=1, max_value=QUANTITY_MAX)


class ReturnInput(StrictSerializer):
    """What comes back, and why."""

    items = ItemQuantity(many=True, allow_empty=False, max_length=LINES_MAX)  # type: ignore[call-arg]
    reason = serializers.CharField(max_length=500)


class StatusInput(StrictSerializer):
    """The next status; `shipped` needs carrier and tracking number."""

    to = serializers.ChoiceField(
        ["packed", "shipped", "out_for_delivery", "delivered", "returned_to_origin"]
    )
    note = serializers.CharField(max_length=500, allow_blank=True, default="")
    carrier = serializers.CharField(max_length=60, allow_blank=True, default="")
    tracking_number = serializers.CharField(max_length=60, allow_blank=True, default="")
    expected_version = serializers.IntegerField(min_value=1, max_value=VERSION_MAX, required=False)


class ReceivedItem(StrictSerializer):
    """In what condition the units of a line came back."""

    order_item_id = serializers.UUIDField()
    condition = serializers.ChoiceField([ReturnCondition.RESTOCK, ReturnCondition.DAMAGED])


class ReturnStatusInput(StrictSerializer):
    """The return's next status; items only when `received`, `restock` where not named."""

    to = serializers.ChoiceField(["approved", "rejected", "received", "closed"])
    note = serializers.CharField(max_length=500, allow_blank=True, default="")
    items = ReceivedItem(many=True, required=False, max_length=LINES_MAX)  # type: ignore[call-arg]


class RefundInput(StrictSerializer):
    """What is paid back: named units, an amount, or (neither given) the whole rest."""

    contradicting = ("items", "amount")
    payment_id = serializers.UUIDField(required=False)
    items = ItemQuantity(many=True, required=False, allow_empty=False, max_length=LINES_MAX)  # type: ignore[call-arg]
    amount = serializers.DecimalField(
        max_digits=12, decimal_places=2, min_value=Decimal("0.01"), required=False
    )
    reason = serializers.CharField(max_length=200)

    def validate(self, attrs: dict[str, object]) -> dict[str, object]:
        """Refuse items and amount together, since they could contradict each other."""
        if set(self.contradicting) <= set(attrs):
            raise serializers.ValidationError({"amount": "Give items or an amount, not both."})
        return attrs


def as_json(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Items as a procedure reads them from JSON: ids as text."""
    return [{**item, "order_item_id": str(item["order_item_id"])} for item in items]
