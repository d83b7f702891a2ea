"""What the order desk does: moves orders and returns along, pays back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.views import APIView

from commerce.core.clients import user_id_of
from commerce.core.errors import ProblemError
from commerce.core.idempotency import Claim
from commerce.core.parameters import (
    IDEMPOTENCY_KEY,
    IDEMPOTENCY_KEY_REQUIRED,
    KEY_ERRORS,
    KEY_REQUIRED_ERRORS,
    changes,
)
from commerce.core.permissions import StaffMay
from commerce.core.procedures import Result
from commerce.core.serializers import validated
from commerce.orders import workflows
from commerce.orders.inputs import RefundInput, ReturnStatusInput, StatusInput, as_json
from commerce.orders.reads import order_view, return_detail
from commerce.orders.serializers import OrderOutput, RefundOutput, ReturnOutput
from commerce.payments.models import Refund
from commerce.payments.workflows import refund


class OrderStatusView(APIView):
    """POST orders/{id}/status."""

    permission_classes = (StaffMay,)
    staff_permission = "orders.change_order"

    @extend_schema(
        operation_id="moveOrder",
        summary="Move an order along",
        tags=["Staff"],
        parameters=[IDEMPOTENCY_KEY],
        request=StatusInput,
        responses={200: OrderOutput},
        extensions=changes(
            "update_order_status",
            errors=KEY_ERRORS,
            never=("status_not_settable",),
            follows=("restore_inventory", "rollback_coupon", "initiate_refund"),
        ),
    )
    def post(self, request: Request, order_id: UUID) -> HttpResponse:
        """Pack, ship, deliver, or book an order as come back undelivered."""
        given = validated(StatusInput, request)
        claim = Claim.of(request, user_id_of(request), "update_order_status")
        to = given.pop("to")
        return claim.once(
            status.HTTP_200_OK,
            lambda: workflows.move(
                order_id,
                to,
                p_actor_id=user_id_of(request),
                p_actor_kind="staff",
                **{f"p_{name}": value for name, value in given.items()},
                **claim.params,
            ),
            lambda _: order_view(order_id),
        )


class ReturnStatusView(APIView):
    """POST returns/{id}/status."""

    permission_classes = (StaffMay,)
    staff_permission = "orders.change_return"

    @extend_schema(
        operation_id="moveReturn",
        summary="Approve, reject, receive or close a return",
        tags=["Staff"],
        parameters=[IDEMPOTENCY_KEY],
        request=ReturnStatusInput,
        responses={200: ReturnOutput},
        extensions=changes(
            "update_return_status",
            errors=KEY_ERRORS,
            never=("bad_condition", "number_out_of_range"),
            follows=("restore_inventory", "initiate_refund"),
        ),
    )
    def post(self, request: Request, return_id: UUID) -> HttpResponse:
        """Move a return along; receiving it restocks and pays back."""
        given = validated(ReturnStatusInput, request)
        claim = Claim.of(request, user_id_of(request), "update_return_status")
        return claim.once(
            status.HTTP_200_OK,
            lambda: workflows.move_return(
                return_id,
                given["to"],
                p_note=given["note"],
                p_items=as_json(given["items"]) if "items" in given else None,
                p_actor_id=user_id_of(request),
                p_actor_kind="staff",
                **claim.params,
            ),
            lambda _: ReturnOutput(return_detail(return_id)).data,
        )


class OrderRefundsView(APIView):
    """POST orders/{id}/refunds."""

    permission_classes = (StaffMay,)
    staff_permission = "payments.add_refund"

    @extend_schema(
        operation_id="refundOrder",
        summary="Pay back items, an amount or the whole rest",
        tags=["Staff"],
        parameters=[IDEMPOTENCY_KEY_REQUIRED],
        request=RefundInput,
        responses={201: RefundOutput},
        extensions=changes(
            "initiate_refund",
            errors=("nothing_to_refund", *KEY_REQUIRED_ERRORS),
            never=("return_not_found", "return_not_received", "bad_quantity", "bad_amount"),
        ),
    )
    def post(self, request: Request, order_id: UUID) -> HttpResponse:
        """Initiate a refund, once per key."""
        given = validated(RefundInput, request)
        claim = Claim.of(request, user_id_of(request), "initiate_refund", required=True)
        return claim.once(
            status.HTTP_201_CREATED,
            lambda: refund(
                reason=given["reason"],
                order_id=order_id,
                payment_id=given.get("payment_id"),
                items=as_json(given["items"]) if "items" in given else None,
                amount=given.get("amount"),
                actor_id=user_id_of(request),
                **{name.removeprefix("p_"): value for name, value in claim.params.items()},
            ),
            shown_refund,
        )


def shown_refund(made: Result) -> Any:
    """The refund that a call made, rendered; ProblemError when there was nothing to pay back."""
    if made.refund_id is None:
        raise ProblemError("nothing_to_refund")
    return RefundOutput(Refund.objects.get(id=made.refund_id)).data
