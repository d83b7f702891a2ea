"""Checkout: the stock of a cart is held while its buyer decides."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from commerce.cart import workflows
from commerce.cart.identity import CartOwner
from commerce.cart.reads import open_cart, quote_of, still_held
from commerce.cart.serializers import CheckoutInput, CheckoutOutput
from commerce.core.clients import user_id_of
from commerce.core.idempotency import Claim
from commerce.core.json_text import loads
from commerce.core.parameters import IDEMPOTENCY_KEY, KEY_ERRORS, changes
from commerce.core.procedures import call
from commerce.core.serializers import validated


def shown_checkout(done: workflows.CheckedOut) -> Any:
    """What is held, how long and for how much, rendered."""
    answer = {
        "expires_at": done.expires_at,
        "cart_version": done.cart_version,
        "quote": quote_of(done.cart_id),
        "changes": done.changes,
    }
    return CheckoutOutput(answer).data


def still_as_answered(user_id: UUID, answer: bytes) -> bool:
    """Whether the customer's cart is held as an earlier answer says."""
    told = loads(answer)
    ends = datetime.fromisoformat(told["expires_at"])
    return still_held(user_id, told["cart_version"], ends)


class CheckoutView(APIView):
    """POST and DELETE checkout."""

    @extend_schema(
        operation_id="startCheckout",
        summary="Hold the cart's stock and quote it",
        tags=["Checkout"],
        parameters=[IDEMPOTENCY_KEY],
        request=CheckoutInput,
        responses={201: CheckoutOutput},
        extensions=changes(
            "validate_cart_before_checkout",
            "validate_coupon_usage_limit",
            "lock_inventory",
            errors=("items_unavailable", *KEY_ERRORS),
            never=("number_out_of_range",),
        ),
    )
    def post(self, request: Request) -> HttpResponse:
        """Validate, secure the coupon, hold the stock; answers how long and for how much.

        A repetition answers the same as long as the stock is held, and holds it anew after that.
        """
        given = validated(CheckoutInput, request)
        claim = Claim.of(request, user_id_of(request), "lock_inventory")
        return claim.once(
            status.HTTP_201_CREATED,
            lambda: workflows.check_out(
                user_id_of(request), given["address_id"], given["payment_method"]
            ),
            shown_checkout,
            lasting=lambda kept: still_as_answered(user_id_of(request), kept.body),
        )

    @extend_schema(
        operation_id="leaveCheckout",
        summary="Let go of the held stock",
        tags=["Checkout"],
        request=None,
        responses={204: OpenApiResponse(description="Nothing is held any more.")},
        extensions=changes("release_inventory", never=("order_not_found", "order_not_cancelled")),
    )
    def delete(self, request: Request) -> Response:
        """Release the cart's holds, if it has any."""
        cart = open_cart(CartOwner.of(request))
        if cart is not None:
            call("release_inventory", p_cart_id=cart.id, p_reason="checkout_left")
        return Response(status=status.HTTP_204_NO_CONTENT)
