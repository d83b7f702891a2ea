"""What the order endpoints answer."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from commerce.accounts.models import AddressKind
from commerce.cart.serializers import RUPEES, Totals
from commerce.orders.models import Order, Return
from commerce.orders.states import ReturnStatus
from commerce.payments.models import Refund, RefundStatus


class OrderLine(serializers.Serializer[Any]):
    """A line as bought; tax is included in `line_total`."""

    id = serializers.UUIDField()
    variant_id = serializers.UUIDField()
    sku = serializers.CharField()
    product_slug = serializers.CharField()
    name = serializers.CharField()
    size = serializers.CharField()
    colour = serializers.CharField()
    image = serializers.URLField(allow_null=True)
    quantity = serializers.IntegerField()
    quantity_returned = serializers.IntegerField()
    unit_mrp = serializers.DecimalField(**RUPEES)
    unit_price = serializers.DecimalField(**RUPEES)
    coupon_share = serializers.DecimalField(**RUPEES)
    line_total = serializers.DecimalField(**RUPEES)
    taxable_value = serializers.DecimalField(**RUPEES)
    cgst = serializers.DecimalField(**RUPEES)
    sgst = serializers.DecimalField(**RUPEES)
    igst = serializers.DecimalField(**RUPEES)
    gst_rate = serializers.DecimalField(max_digits=4, decimal_places=2)
    hsn_code = serializers.CharField()


class TimelineEntry(serializers.Serializer[Any]):
    """One change of the order's status."""

    seq = serializers.IntegerField()
    status = serializers.ChoiceField(Order._meta.get_field("status").choices or ())
    at = serializers.DateTimeField()
    note = serializers.CharField(allow_blank=True)


class OrderAddress(serializers.Serializer[Any]):
    """Where the order goes, as it was when placed."""

    name = serializers.CharField()
    phone = serializers.CharField()
    line1 = serializers.CharField()
    line2 = serializers.CharField(allow_blank=True)
    city = serializers.CharField()
    state = serializers.CharField()
    pincode = serializers.CharField()
    kind = serializers.ChoiceField(AddressKind.choices)


class OrderSummary(serializers.Serializer[Any]):
    """An order in a list."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    status = serializers.ChoiceField(Order._meta.get_field("status").choices or ())
    payment_status = serializers.ChoiceField(Order._meta.get_field("payment_status").choices or ())
    payment_method = serializers.ChoiceField(Order._meta.get_field("payment_method").choices or ())
    placed_at = serializers.DateTimeField()
    version = serializers.IntegerField()
    items = OrderLine(many=True)
    totals = Totals()
    coupon_code = serializers.CharField(allow_blank=True, help_text="Empty without a coupon.")


class ReturnLine(serializers.Serializer[Any]):
    """Units of one order line that come back."""

    order_item_id = serializers.UUIDField()
    quantity = serializers.IntegerField()
    condition = serializers.CharField(
        allow_blank=True, help_text="`restock` or `damaged`; empty until they are received."
    )


class OrderReturn(serializers.Serializer[Any]):
    """A return of the order's items; a time is null until the return has come that far."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    status = serializers.ChoiceField(ReturnStatus.choices)
    reason = serializers.CharField(help_text="Why the customer sends the items back.")
    created_at = serializers.DateTimeField()
    approved_at = serializers.DateTimeField(allow_null=True)
    received_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(
        allow_null=True, help_text="When it ended: paid back, or rejected."
    )
    items = ReturnLine(many=True)


class OrderRefund(serializers.Serializer[Any]):
    """Money of the order on its way back, or back already when `succeeded`."""

    id = serializers.UUIDField()
    payment_id = serializers.UUIDField()
    return_id = serializers.UUIDField(
        allow_null=True, help_text="The return that it pays for; null for every other refund."
    )
    amount = serializers.DecimalField(**RUPEES)
    currency = serializers.CharField()
    status = serializers.ChoiceField(RefundStatus.choices)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(
        allow_null=True, help_text="When it succeeded or failed."
    )


class OrderOutput(OrderSummary):
    """An order with its address, its history, and what came back of it; oldest first."""

    address = OrderAddress()
    cancel_reason = serializers.CharField(allow_blank=True, help_text="Empty unless cancelled.")
    carrier = serializers.CharField(allow_blank=True, help_text="Empty until shipped.")
    tracking_number = serializers.CharField(allow_blank=True, help_text="Empty until shipped.")
    expires_at = serializers.DateTimeField(
        allow_null=True,
        help_text="Until when it waits for its payment; null when it waits for none.",
    )
    timeline = TimelineEntry(many=True)
    returns = OrderReturn(many=True)
    refunds = OrderRefund(many=True)


class ReturnOutput(serializers.ModelSerializer[Return]):
    """A return."""

    items = ReturnLine(many=True)

    class Meta:
        model = Return
        fields = (
            "id",
            "number",
            "order_id",
            "status",
            "reason",
            "staff_note",
            "version",
            "created_at",
            "items",
        )
        read_only_fields = fields  # so that the document says that none can be missing


class RefundOutput(serializers.ModelSerializer[Refund]):
    """Money on its way back."""

    class Meta:
        model = Refund
        fields = (
            "id",
            "payment_id",
            "order_id",
            "return_id",
            "provider",
            "amount",
            "currency",
            "reason",
            "status",
            "provider_refund_id",
            "created_at",
        )
        read_only_fields = fields  # so that the document says that none can be missing

    return_id = serializers.UUIDField(
        source="return_request_id",
        allow_null=True,
        help_text="The return that it pays for; null for every other refund.",
    )
