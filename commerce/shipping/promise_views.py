"""The promise of delivery on the product page. Open to everybody."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from commerce.accounts.models import PINCODE_PATTERN, PINCODE_WANTED
from commerce.catalog.serializers import Amount
from commerce.core.parameters import changes
from commerce.core.replica import from_replica
from commerce.core.serializers import StrictSerializer, validated
from commerce.core.views import PublicView
from commerce.shipping.promises import promise


class PromiseQuery(StrictSerializer):
    """Where the parcel would go."""

    pincode = serializers.RegexField(
        PINCODE_PATTERN,
        help_text="Six digits, the first not 0.",
        error_messages={"invalid": PINCODE_WANTED},
    )


class VariantPromise(serializers.Serializer[Any]):
    """What can come of one variant; fees are those of one piece ordered alone."""

    id = serializers.UUIDField()
    available = serializers.IntegerField(
        help_text="What can be bought in one line and delivered there."
    )
    shipping_fee = Amount(allow_null=True)
    cod_allowed = serializers.BooleanField()
    cod_fee = Amount(allow_null=True)


class DeliveryPromise(serializers.Serializer[Any]):
    """When and for what fee a product can come to a pincode; null where it can't."""

    pincode = serializers.CharField()
    serviceable = serializers.BooleanField()
    city = serializers.CharField(allow_null=True)
    state = serializers.CharField(allow_null=True)
    earliest = serializers.DateField(allow_null=True, help_text="Ordered now, in Indian time.")
    latest = serializers.DateField(allow_null=True)
    free_shipping_from = Amount(allow_null=True, help_text="An order value, after discounts.")
    variants = VariantPromise(many=True)


class ProductDeliveryView(PublicView):
    """GET products/{slug}/delivery."""

    @extend_schema(
        operation_id="getProductDelivery",
        summary="When and for what fee a product comes to a pincode",
        tags=["Product page"],
        parameters=[PromiseQuery],
        responses={200: DeliveryPromise},
        extensions=changes(errors=("product_not_found",)),
    )
    @from_replica
    def get(self, request: Request, slug: str) -> Response:
        """Answer what each variant costs to deliver; a pincode out of reach is no error."""
        wanted = validated(PromiseQuery, request.query_params)
        return Response(DeliveryPromise(promise(slug, wanted["pincode"])).data)
