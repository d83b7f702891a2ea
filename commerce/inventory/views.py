"""Stock that arrives and stock that is lost, booked by staff."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.views import APIView

from commerce.core.clients import user_id_of
from commerce.core.idempotency import Claim
from commerce.core.parameters import IDEMPOTENCY_KEY_REQUIRED, KEY_REQUIRED_ERRORS, changes
from commerce.core.permissions import StaffMay
from commerce.core.procedures import call
from commerce.core.serializers import validated
from commerce.inventory.models import StockDocument
from commerce.inventory.serializers import ReceiptInput, StockDocumentOutput, WriteOffInput


class StockDocumentView(APIView):
    """Books one stock document by one procedure."""

    permission_classes = (StaffMay,)
    staff_permission = "inventory.add_stockdocument"

    def booked(self, request: Request, procedure: str, **params: Any) -> HttpResponse:
        """Call the procedure once under the request's key and answer the document."""
        claim = Claim.of(request, user_id_of(request), procedure, required=True)
        return claim.once(
            status.HTTP_201_CREATED,
            lambda: call(procedure, **params, p_actor_id=user_id_of(request), **claim.params),
            lambda done: StockDocumentOutput(StockDocument.objects.get(id=done.document_id)).data,
        )


class ReceiptsView(StockDocumentView):
    """POST inventory/receipts."""

    @extend_schema(
        operation_id="receiveStock",
        summary="Book stock that has arrived",
        tags=["Staff"],
        parameters=[IDEMPOTENCY_KEY_REQUIRED],
        request=ReceiptInput,
        responses={201: StockDocumentOutput},
        extensions=changes(
            "increase_inventory",
            errors=KEY_REQUIRED_ERRORS,
            never=("bad_document_kind", "stock_reserved", "number_out_of_range"),
        ),
    )
    def post(self, request: Request) -> HttpResponse:
        """Book a receipt, once per reference."""
        given = validated(ReceiptInput, request)
        return self.booked(
            request,
            "increase_inventory",
            p_kind="receipt",
            p_reference=given["reference"],
            p_lines=given["lines"],
        )


class WriteOffsView(StockDocumentView):
    """POST inventory/write-offs."""

    @extend_schema(
        operation_id="writeOffStock",
        summary="Book stock that is lost",
        tags=["Staff"],
        parameters=[IDEMPOTENCY_KEY_REQUIRED],
        request=WriteOffInput,
        responses={201: StockDocumentOutput},
        extensions=changes(
            "decrease_inventory",
            errors=KEY_REQUIRED_ERRORS,
            never=(
                "order_not_found",
                "order_not_confirmed",
                "number_out_of_range",
            ),
        ),
    )
    def post(self, request: Request) -> HttpResponse:
        """Book a write-off; stock that is held for buyers cannot be written off."""
        given = validated(WriteOffInput, request)
        return self.booked(
            request,
            "decrease_inventory",
            p_reference=given["reference"],
            p_lines=given["lines"],
            p_reason=given["reason"],
        )
