"""The client's return from the provider, and the provider's own word."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from commerce.core.clients import user_id_of
from commerce.core.errors import ProblemError
from commerce.core.idempotency import Claim
from commerce.core.parameters import EVENT_ID, IDEMPOTENCY_KEY, KEY_ERRORS, SIGNATURE, changes
from commerce.core.serializers import validated
from commerce.payments import workflows
from commerce.payments.models import EventSource
from commerce.payments.providers import provider
from commerce.payments.reads import OwnPayment, own_payment, settlement_view
from commerce.payments.serializers import VerifyInput, VerifyOutput, WebhookOutput

logger = logging.getLogger("commerce.payments")

# A verified capture settles a payment as a whole: these need an order's, a line's or a stock
# document's words, which the client has no part in.
NOT_BY_VERIFYING = (
    "event_kind_unknown",
    "event_not_found",
    "order_not_found",
    "bad_quantity",
    "bad_amount",
    "sku_not_found",
    "warehouse_not_found",
    "reference_reused",
    "stock_reserved",
    "return_not_found",
    "return_not_received",
    "order_item_not_found",
    "refund_exceeds_capture",
    "refund_quantity_exceeded",
    "number_out_of_range",
)


class VerifyView(APIView):
    """POST payments/{id}/verify."""

    @extend_schema(
        operation_id="verifyPayment",
        summary="Confirm the payment that the provider signed",
        tags=["Payment"],
        parameters=[IDEMPOTENCY_KEY],
        request=VerifyInput,
        responses={200: VerifyOutput},
        extensions=changes(
            "payment_webhook",
            "verify_payment",
            "decrease_inventory",
            "initiate_refund",
            errors=("payment_not_found", "signature_invalid", *KEY_ERRORS),
            never=NOT_BY_VERIFYING,
        ),
    )
    def post(self, request: Request, payment_id: UUID) -> HttpResponse:
        """Settle the payment if its signature holds; settled already, it answers the same."""
        given = validated(VerifyInput, request)
        payment = own_payment(payment_id, user_id_of(request))
        if payment is None or payment.provider == workflows.COD:
            raise ProblemError("payment_not_found")
        claim = Claim.of(request, user_id_of(request), "verify_payment")
        return claim.once(
            200, lambda: settled(payment, given), lambda _: settlement_view(payment_id)
        )


def settled(payment: OwnPayment, given: dict[str, Any]) -> None:
    """Settle the payment by what its provider signed."""
    signed = provider(payment.provider).signature_holds(
        given["provider_order_id"], given["provider_payment_id"], given["signature"]
    )
    if not signed or given["provider_order_id"] != payment.provider_order_id:
        raise ProblemError("signature_invalid")
    workflows.verify_client_return(
        payment, given["provider_order_id"], given["provider_payment_id"]
    )


class RawParser(BaseParser):
    """Leaves the body as it came, since the signature is over its bytes."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        """Return the bytes."""
        return stream.read()


class WebhookView(APIView):
    """POST payments/webhooks/{provider}."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    parser_classes = (RawParser,)

    @extend_schema(
        operation_id="receiveWebhook",
        summary="An event from a payment provider",
        tags=["Provider"],
        parameters=[SIGNATURE, EVENT_ID],
        request={"application/json": OpenApiTypes.OBJECT},
        responses={200: WebhookOutput},
        auth=[],
        extensions=changes(
            "payment_webhook",
            errors=(
                "provider_not_found",
                "webhook_signature_invalid",
                "event_id_missing",
                "malformed_json",
            ),
            never=(
                "event_kind_unknown",
                "json_too_deep",
                "unsupported_media_type",
                "number_out_of_range",
            ),
            follows=("verify_payment", "decrease_inventory", "initiate_refund"),
        ),
    )
    def post(self, request: Request, provider_name: str) -> Response:
        """Record the event; whatever settling it meets, a job tries again."""
        body: Any = request.data
        event = provider(provider_name).read_webhook(request.headers, body or b"")
        event_id = workflows.record(provider_name, event, EventSource.WEBHOOK)
        try:
            workflows.settle(event_id)
        except Exception:
            logger.exception("event left to the job", extra={"event_id": str(event_id)})
        return Response({"received": True})
