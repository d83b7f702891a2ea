"""A customer's orders: placed, listed, paid, cancelled, sent back."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from commerce.core.clients import user_id_of
from commerce.core.idempotency import Claim
from commerce.core.pagination import PageQuery, paginate
from commerce.core.parameters import (
    IDEMPOTENCY_KEY,
    IDEMPOTENCY_KEY_REQUIRED,
    KEY_ERRORS,
    KEY_REQUIRED_ERRORS,
    changes,
    page_of,
)
from commerce.core.procedures import call
from commerce.core.serializers import validated
from commerce.orders import workflows
from commerce.orders.inputs import CancelInput, PlaceOrderInput, ReturnInput, as_json
from commerce.orders.reads import (
    order_view,
    orders_of,
    return_detail,
    summaries,
)
from commerce.orders.serializers import (
    OrderOutput,
    OrderSummary,
    ReturnOutput,
)
from commerce.payments.serializers import AttemptInput, AttemptOutput
from commerce.payments.workflows import start_attempt

# The order is the one just created, and its stock leaves by order, not by a write-off's lines.
NOT_BY_PLACING = (
    "order_not_found",
    "payment_not_found",
    "payment_method_mismatch",
    "bad_quantity",
    "sku_not_found",
    "warehouse_not_found",
    "reference_reused",
    "stock_reserved",
    "number_out_of_range",
)


class OrdersView(APIView):
    """GET and POST orders."""

    @extend_schema(
        operation_id="listOrders",
        summary="The customer's orders, newest first",
        tags=["Orders"],
        parameters=[PageQuery],
        responses={200: page_of(OrderSummary)},
    )
    def get(self, request: Request) -> Response:
        """List one's own orders by keyset pages."""
        query = validated(PageQuery, request.query_params)
        page = paginate(orders_of(user_id_of(request)), **query)
        return Response(page.answer(summaries(page.rows)))

    @extend_schema(
        operation_id="placeOrder",
        summary="Place the order that was checked out",
        tags=["Checkout", "Payment"],
        parameters=[IDEMPOTENCY_KEY_REQUIRED],
        request=PlaceOrderInput,
        responses={201: OrderOutput},
        extensions=changes(
            "create_order",
            "freeze_order_pricing",
            "register_payment_attempt",
            "decrease_inventory",
            errors=KEY_REQUIRED_ERRORS,
            never=NOT_BY_PLACING,
        ),
    )
    def post(self, request: Request) -> HttpResponse:
        """Place the order once per key, at the total that the buyer saw."""
        given = validated(PlaceOrderInput, request)
        claim = Claim.of(request, user_id_of(request), "create_order", required=True)
        return claim.once(
            status.HTTP_201_CREATED,
            lambda: workflows.place(user_id_of(request), **given, key=claim.params),
            lambda placed: order_view(placed.order_id),
        )


class OrderView(APIView):
    """GET orders/{id}."""

    @extend_schema(
        operation_id="getOrder",
        summary="One order with its history",
        tags=["Orders"],
        responses={200: OrderOutput},
        extensions=changes(errors=("order_not_found",)),
    )
    def get(self, request: Request, order_id: UUID) -> Response:
        """Show one's own order."""
        return Response(order_view(order_id, user_id_of(request)))


class CancelView(APIView):
    """POST orders/{id}/cancel."""

    @extend_schema(
        operation_id="cancelOrder",
        summary="Cancel an order that has not been shipped",
        tags=["Orders"],
        parameters=[IDEMPOTENCY_KEY],
        request=CancelInput,
        responses={200: OrderOutput},
        extensions=changes(
            "cancel_order",
            errors=KEY_ERRORS,
            never=("number_out_of_range",),
            follows=(
                "release_inventory",
                "restore_inventory",
                "rollback_coupon",
                "initiate_refund",
            ),
        ),
    )
    def post(self, request: Request, order_id: UUID) -> HttpResponse:
        """Cancel; stock, coupon and money go back."""
        reason = validated(CancelInput, request)["reason"]
        claim = Claim.of(request, user_id_of(request), "cancel_order")
        return claim.once(
            status.HTTP_200_OK,
            lambda: workflows.cancel(
                order_id=order_id,
                user_id=user_id_of(request),
                actor_id=user_id_of(request),
                actor_kind="customer",
                reason=reason,
                key=claim.params,
            ),
            lambda _: order_view(order_id),
        )


class OrderPaymentsView(APIView):
    """POST orders/{id}/payments."""

    @extend_schema(
        operation_id="startPayment",
        summary="Open an attempt to pay the order",
        tags=["Payment"],
        parameters=[IDEMPOTENCY_KEY_REQUIRED],
        request=AttemptInput,
        responses={201: AttemptOutput},
        extensions=changes(
            "register_payment_attempt",
            errors=("provider_not_found", *KEY_REQUIRED_ERRORS),
            never=("payment_not_found", "number_out_of_range"),
        ),
    )
    def post(self, request: Request, order_id: UUID) -> HttpResponse:
        """Open an attempt, or answer the one that is open."""
        provider = validated(AttemptInput, request)["provider"]
        claim = Claim.of(request, user_id_of(request), "register_payment_attempt", required=True)
        return claim.once(
            status.HTTP_201_CREATED,
            lambda: start_attempt(order_id, user_id_of(request), provider, claim.params),
            lambda made: AttemptOutput({**made, "id": made.payment_id, "provider": provider}).data,
        )


class OrderReturnView(APIView):
    """POST orders/{id}/return."""

    @extend_schema(
        operation_id="requestReturn",
        summary="Ask to send items of a delivered order back",
        tags=["Orders"],
        parameters=[IDEMPOTENCY_KEY],
        request=ReturnInput,
        responses={201: ReturnOutput},
        extensions=changes(
            "request_return", errors=KEY_ERRORS, never=("bad_quantity", "number_out_of_range")
        ),
    )
    def post(self, request: Request, order_id: UUID) -> HttpResponse:
        """Request a return within the time for it."""
        given = validated(ReturnInput, request)
        claim = Claim.of(request, user_id_of(request), "request_return")
        return claim.once(
            status.HTTP_201_CREATED,
            lambda: call(
                "request_return",
                p_order_id=order_id,
                p_user_id=user_id_of(request),
                p_items=as_json(given["items"]),
                p_reason=given["reason"],
                p_window_days=settings.RETURN_WINDOW_DAYS,
                **claim.params,
            ),
            lambda requested: ReturnOutput(return_detail(requested.return_id)).data,
        )
