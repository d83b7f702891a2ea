"""The cart of guests and customers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from commerce.cart import workflows
from commerce.cart.identity import CartOwner, first_cart, random_cart
from commerce.cart.reads import cart_view
from commerce.cart.serializers import (
    AddItemInput,
    CartOutput,
    CouponInput,
    SetQuantityInput,
    ValidateInput,
    ValidateOutput,
)
from commerce.core.clients import CART_TOKEN_HEADER, user_id_of
from commerce.core.idempotency import Claim
from commerce.core.parameters import (
    CART_TOKEN,
    IDEMPOTENCY_KEY,
    KEY_ERRORS,
    LOGIN_OR_NOBODY,
    changes,
)
from commerce.core.procedures import ProcedureError, call
from commerce.core.serializers import validated


def shown(owner: CartOwner) -> dict[str, Any]:
    """The owner's open cart, ready to be answered (as `CartOutput` says)."""
    return cart_view(owner)


class CartView(APIView):
    """GET cart."""

    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="getCart",
        summary="The cart with today's prices",
        tags=["Cart"],
        parameters=[CART_TOKEN],
        responses={200: CartOutput},
        auth=LOGIN_OR_NOBODY,
    )
    def get(self, request: Request) -> Response:
        """Show the cart of the login or of the guest's token; an empty one without either."""
        return Response(shown(CartOwner.of(request)))


class CartItemsView(APIView):
    """POST cart/items."""

    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="addCartItem",
        summary="Add units of a variant",
        tags=["Cart", "Product page"],
        parameters=[CART_TOKEN, IDEMPOTENCY_KEY],
        request=AddItemInput,
        responses={201: CartOutput},
        auth=LOGIN_OR_NOBODY,
        extensions=changes(
            "add_to_cart",
            errors=KEY_ERRORS,
            never=("bad_quantity", "cart_gone", "number_out_of_range"),
            answers=(CART_TOKEN_HEADER,),
        ),
    )
    def post(self, request: Request) -> HttpResponse:
        """Add to the cart; a guest's first add makes a cart and answers its token."""
        given = validated(AddItemInput, request)
        owner = CartOwner.of(request)
        owner = owner if owner.known else first_cart(request)
        try:
            return self.added(request, owner, given)
        except ProcedureError as refusal:
            if refusal.code != "cart_gone":
                raise
            return self.added(request, random_cart(), given)

    def added(self, request: Request, owner: CartOwner, given: dict[str, Any]) -> HttpResponse:
        """Add once under the request's key and answer the cart."""
        claim = Claim.of(request, owner.key_owner, "add_to_cart")
        response = claim.once(
            status.HTTP_201_CREATED,
            lambda: call(
                "add_to_cart",
                **owner.params,
                p_variant_id=given["variant_id"],
                p_quantity=given["quantity"],
                p_line_max=settings.CART_LINE_MAX,
                p_lines_max=settings.CART_LINES_MAX,
                **claim.params,
            ),
            lambda _: shown(owner),
        )
        if owner.new_token:
            response[CART_TOKEN_HEADER] = owner.new_token
        return response


class CartItemView(APIView):
    """PATCH and DELETE cart/items/{id}."""

    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="setCartItemQuantity",
        summary="Set a line's quantity",
        tags=["Cart"],
        parameters=[CART_TOKEN],
        request=SetQuantityInput,
        responses={200: CartOutput},
        auth=LOGIN_OR_NOBODY,
        extensions=changes(
            "update_cart_quantity",
            never=("bad_quantity", "version_conflict", "number_out_of_range"),
        ),
    )
    def patch(self, request: Request, item_id: UUID) -> Response:
        """Set the quantity; 0 removes the line."""
        return self.changed(request, item_id, validated(SetQuantityInput, request)["quantity"])

    @extend_schema(
        operation_id="removeCartItem",
        summary="Remove a line",
        tags=["Cart"],
        parameters=[CART_TOKEN],
        request=None,
        responses={200: CartOutput},
        auth=LOGIN_OR_NOBODY,
        extensions=changes(
            "update_cart_quantity",
            never=(
                "bad_quantity",
                "insufficient_stock",
                "line_limit_exceeded",
                "variant_unavailable",
                "version_conflict",
            ),
        ),
    )
    def delete(self, request: Request, item_id: UUID) -> Response:
        """Remove the line and answer the cart."""
        return self.changed(request, item_id, 0)

    def changed(self, request: Request, item_id: UUID, quantity: int) -> Response:
        """One `update_cart_quantity`, and the cart after it."""
        owner = CartOwner.of(request)
        if not owner.known:
            raise ProcedureError("cart_item_not_found")
        call(
            "update_cart_quantity",
            **owner.params,
            p_item_id=item_id,
            p_quantity=quantity,
            p_line_max=settings.CART_LINE_MAX,
        )
        return Response(shown(owner))


class CartCouponView(APIView):
    """POST and DELETE cart/coupon."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="applyCoupon",
        summary="Apply a coupon",
        tags=["Cart"],
        request=CouponInput,
        responses={200: CartOutput},
        extensions=changes("apply_coupon", never=("number_out_of_range",)),
    )
    def post(self, request: Request) -> Response:
        """Apply a coupon in place of the one before."""
        code = validated(CouponInput, request)["code"].strip().upper()
        call(
            "apply_coupon",
            p_user_id=user_id_of(request),
            p_code=code,
            p_slot_seconds=settings.COUPON_SLOT_SECONDS,
        )
        return Response(shown(CartOwner.of(request)))

    @extend_schema(
        operation_id="removeCoupon",
        summary="Remove the coupon",
        tags=["Cart"],
        request=None,
        responses={200: CartOutput},
        extensions=changes("rollback_coupon", never=("order_not_found", "order_not_cancelled")),
    )
    def delete(self, request: Request) -> Response:
        """Give the coupon's slot back."""
        call("rollback_coupon", p_user_id=user_id_of(request), p_reason="removed_by_customer")
        return Response(shown(CartOwner.of(request)))


class CartValidateView(APIView):
    """POST cart/validate."""

    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="validateCart",
        summary="Check the cart before checkout",
        tags=["Cart", "Checkout"],
        parameters=[CART_TOKEN],
        request=ValidateInput,
        responses={200: ValidateOutput},
        auth=LOGIN_OR_NOBODY,
        extensions=changes("validate_cart_before_checkout", never=("number_out_of_range",)),
    )
    def post(self, request: Request) -> Response:
        """Report what changed, and whether checkout can begin."""
        given = validated(ValidateInput, request)
        owner = CartOwner.of(request)
        if not owner.known:
            raise ProcedureError("cart_not_found")
        checked = workflows.validate(
            owner.params, given.get("address_id"), given.get("payment_method")
        )
        answer = cart_view(owner) | {
            "valid": checked.valid,
            "changes": checked.changes,
        }
        return Response(ValidateOutput(answer).data)
