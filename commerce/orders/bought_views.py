"""What the customer bought lately."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from commerce.catalog.serializers import ProductCard, card
from commerce.core.clients import user_id_of
from commerce.orders.bought import recently_bought


class RecentlyBought(serializers.Serializer[Any]):
    """At most twelve products, those bought last first."""

    results = ProductCard(many=True)


class RecentlyBoughtView(APIView):
    """GET me/recently-bought."""

    @extend_schema(
        operation_id="listRecentlyBought",
        summary="Products bought lately",
        tags=["Home"],
        responses={200: RecentlyBought},
    )
    def get(self, request: Request) -> Response:
        """Answer the customer's own part of the home screen, which nobody else's cache may hold."""
        cards = recently_bought(user_id_of(request))
        return Response({"results": [card(one) for one in cards]})
