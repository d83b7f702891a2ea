"""Where the shop delivers. Open to everybody."""

from __future__ import annotations

import re
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from commerce.accounts.models import PINCODE_PATTERN
from commerce.core.parameters import changes
from commerce.core.replica import from_replica
from commerce.core.views import PublicView
from commerce.shipping.reads import serviceability


class Serviceability(serializers.Serializer[Any]):
    """What a shopper at a pincode can expect; null where the shop does not deliver."""

    pincode = serializers.CharField()
    serviceable = serializers.BooleanField()
    cod_allowed = serializers.BooleanField()
    city = serializers.CharField(allow_null=True)
    state = serializers.CharField(allow_null=True)
    delivery_days_min = serializers.IntegerField(allow_null=True)
    delivery_days_max = serializers.IntegerField(allow_null=True)


class ServiceabilityView(PublicView):
    """GET serviceability/{pincode}."""

    @extend_schema(
        operation_id="getServiceability",
        summary="Whether the shop delivers to a pincode",
        tags=["Product page"],
        parameters=[
            OpenApiParameter("pincode", {"type": "string", "pattern": PINCODE_PATTERN}, "path")
        ],
        responses={200: Serviceability},
        extensions=changes(errors=("validation_failed",)),
    )
    @from_replica
    def get(self, request: Request, pincode: str) -> Response:
        """Answer what is known of the pincode; a well-formed one is never an error."""
        if not re.fullmatch(PINCODE_PATTERN, pincode, re.ASCII):
            fault = ErrorDetail("A pincode has six digits, the first not 0.", code="invalid")
            raise ValidationError({"pincode": [fault]})
        return Response(Serviceability(serviceability(pincode)).data)
