"""The addresses that a load balancer and an orchestrator ask."""

from __future__ import annotations

from secrets import compare_digest
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from commerce.core.errors import ProblemError
from commerce.core.health import CHECKS, SERVERS, readiness
from commerce.core.metrics import exposition
from commerce.core.parameters import changes
from commerce.core.replica.routing import REPLICA


class Live(serializers.Serializer[Any]):
    """The process answers."""

    status = serializers.ChoiceField(choices=["ok"])


class Checked(serializers.Serializer[Any]):
    """What one check found."""

    status = serializers.ChoiceField(choices=["ok", "failed"])
    detail = serializers.CharField(required=False)


class Checks(serializers.Serializer[Any]):
    """One entry for each thing that the shop leans on; `replica` only where there is one."""

    def get_fields(self) -> dict[str, Any]:
        """The checks that `readiness` makes."""
        return {name: Checked(required=name != REPLICA) for name in CHECKS}


class Circuits(serializers.Serializer[Any]):
    """Which servers this process asks: `closed`, left alone: `open`, tried again: `half-open`."""

    def get_fields(self) -> dict[str, Any]:
        """One per server that the shop can do without."""
        return {server: serializers.CharField(required=server != REPLICA) for server in SERVERS}


class Ready(serializers.Serializer[Any]):
    """Whether all is well here; while `sells` is true, orders are taken all the same."""

    status = serializers.ChoiceField(choices=["ok", "degraded"])
    sells = serializers.BooleanField()
    circuits = Circuits()
    checks = Checks()


class PublicView(APIView):
    """A view for everybody; a token that comes along is not even read."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


class LiveView(PublicView):
    """Says that the process is there, whatever else may be broken."""

    @extend_schema(
        operation_id="getLiveness",
        summary="Whether the process answers",
        tags=["System"],
        responses={200: Live},
        extensions=changes(never=("rate_limited", "temporarily_unavailable")),
    )
    def get(self, request: Request) -> Response:
        """200 as long as the process serves."""
        return Response({"status": "ok"})


class TextRenderer(BaseRenderer):
    """Passes a text on as it is."""

    media_type = "text/plain"
    format = "txt"

    def render(self, data: Any, media_type: Any = None, context: Any = None) -> Any:
        """The same."""
        return data


class MetricsView(PublicView):
    """What a monitor reads."""

    renderer_classes = (TextRenderer,)

    @extend_schema(
        operation_id="getMetrics",
        summary="Metrics in Prometheus' text format",
        tags=["System"],
        responses={(200, "text/plain"): str},
        extensions=changes(errors=("not_authenticated",), never=("rate_limited",)),
    )
    def get(self, request: Request) -> HttpResponse:
        """All metrics; with `METRICS_TOKEN` set, only for who bears it."""
        token: str = settings.METRICS_TOKEN
        borne = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token and not compare_digest(token.encode(), borne.encode("utf-8", "replace")):
            raise ProblemError("not_authenticated")
        return HttpResponse(exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")


class ReadyView(PublicView):
    """Says whether all that the shop leans on is there."""

    @extend_schema(
        operation_id="getReadiness",
        summary="Whether all that the shop leans on is there",
        tags=["System"],
        responses={200: Ready, 503: OpenApiResponse(Ready, description="Degraded")},
        extensions=changes(never=("rate_limited",)),
    )
    def get(self, request: Request) -> Response:
        """200 when every check but the replica's is well, else 503 with the same body."""
        code, found = readiness()
        return Response(found, status=code)
