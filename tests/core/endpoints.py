"""Endpoints for the tests of the error contract: each fails in one way of its own."""

from __future__ import annotations

from typing import NoReturn

from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from rest_framework import serializers
from rest_framework.exceptions import Throttled
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from commerce.core.errors import ProblemError
from commerce.core.serializers import StrictSerializer


class LineInput(StrictSerializer):
    """One line of an order."""

    sku = serializers.CharField(max_length=10)
    quantity = serializers.IntegerField(min_value=1, max_value=10)


class OrderInput(StrictSerializer):
    """A body with every kind of field."""

    lines = LineInput(many=True)
    total = serializers.DecimalField(max_digits=12, decimal_places=2)
    gift = serializers.BooleanField(default=False)
    note = serializers.CharField(required=False)
    kind = serializers.ChoiceField(choices=["home", "office"], default="home")
    address = serializers.UUIDField(required=False)


class OrderView(APIView):
    """Answers the validated body."""

    permission_classes = (AllowAny,)

    def post(self, request: Request) -> Response:
        """Validates strictly."""
        serializer = OrderInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(serializer.validated_data)


class PrivateView(APIView):
    """Asks for a login."""

    def get(self, _request: Request) -> Response:
        """Never reached by a stranger."""
        return Response({})


class FailingView(APIView):
    """Raises what its address names."""

    permission_classes = (AllowAny,)

    def get(self, _request: Request, failure: str) -> NoReturn:
        """One failure by name."""
        failures: dict[str, Exception] = {
            "bug": RuntimeError("SELECT secret FROM users"),
            "refusal": ProblemError("quote_changed", context={"expected": "10.00"}),
            "unregistered": ProblemError("brand_new", status=409),
            "throttled": Throttled(wait=2.2),
            "forbidden": PermissionDenied(),
            "database": OperationalError("connection refused"),
        }
        raise failures[failure]


def plain_bug(_request: HttpRequest) -> NoReturn:
    """A bug outside REST framework."""
    raise RuntimeError("SELECT secret FROM users")


def plain_refusal(_request: HttpRequest) -> NoReturn:
    """A refusal outside REST framework."""
    raise ProblemError("quote_changed")


def plain_json_error(_request: HttpRequest) -> JsonResponse:
    """An answer of 503 that is meant as it stands."""
    return JsonResponse({"status": "degraded"}, status=503)


def item(_request: HttpRequest, item_id: object) -> HttpResponse:
    """Reached by valid ids only."""
    return HttpResponse(str(item_id))


urlpatterns = [
    path("api/v1/orders", OrderView.as_view()),
    path("api/v1/private", PrivateView.as_view()),
    path("api/v1/fail/<str:failure>", FailingView.as_view()),
    path("api/v1/items/<uuid:item_id>", item),
    path("api/v1/plain-bug", plain_bug),
    path("api/v1/plain-refusal", plain_refusal),
    path("health/ready", plain_json_error),
]
