"""Login by a code sent to the phone, and the tokens that follow."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from commerce.accounts import otp, tokens
from commerce.accounts.auth_serializers import (
    LogoutInput,
    RefreshInput,
    SendCodeInput,
    SendCodeOutput,
    TokenPair,
    VerifyCodeInput,
    VerifyCodeOutput,
)
from commerce.accounts.minting import read_refresh
from commerce.accounts.models import User
from commerce.core.clients import client_ip, client_network, guest_cart_hash
from commerce.core.errors import ProblemError
from commerce.core.parameters import CART_TOKEN, changes
from commerce.core.procedures import call
from commerce.core.serializers import validated

logger = logging.getLogger("commerce.accounts")

DEVICE_NAME_LENGTH = 120


class OpenView(APIView):
    """An endpoint that nobody needs to be logged in for."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


class SendCodeView(OpenView):
    """POST auth/otp/send."""

    @extend_schema(
        operation_id="sendLoginCode",
        summary="Send a login code by SMS",
        tags=["Login"],
        request=SendCodeInput,
        responses={202: SendCodeOutput},
        auth=[],
        extensions=changes("send_otp"),
    )
    def post(self, request: Request) -> Response:
        """Send a code; the answer is the same whether the number is known or not."""
        phone = validated(SendCodeInput, request)["phone"]
        code, otp_id, _ = otp.send(phone, client_network(request))
        import_string(settings.LOGIN_CODE_SENDER)(phone, code, otp_id)
        answer = {
            "resend_after_seconds": settings.OTP_COOLDOWN_SECONDS,
            "expires_in_seconds": settings.OTP_TTL_SECONDS,
        }
        return Response(answer, status=status.HTTP_202_ACCEPTED)


class VerifyCodeView(OpenView):
    """POST auth/otp/verify."""

    @extend_schema(
        operation_id="verifyLoginCode",
        summary="Log in with the code, and bring the guest's cart along",
        tags=["Login"],
        parameters=[CART_TOKEN],
        request=VerifyCodeInput,
        responses={200: VerifyCodeOutput},
        auth=[],
        extensions=changes("verify_otp", follows=("merge_carts",)),
    )
    def post(self, request: Request) -> Response:
        """Log in; a guest cart named by `X-Cart-Token` is merged into the customer's own."""
        given = validated(VerifyCodeInput, request)
        spent = otp.verify(given["phone"], given["code"])
        report = merge_guest_cart(spent.user_id, guest_cart_hash(request))
        user = User.objects.get(id=spent.user_id)
        answer = tokens.issue(user, device_of(request, given)) | {
            "user": {
                "id": user.id,
                "phone": user.phone,
                "name": user.name,
                "is_new": spent.is_new,
            },
            "cart_merge": report,
        }
        return Response(VerifyCodeOutput(answer).data)


class TokenView(OpenView):
    """What is done with a refresh token; its login is counted, not the network it comes from.

    Behind one address of a mobile carrier there are thousands of customers whose tokens run out.
    """

    def rate_subject(self, request: Request) -> str | None:
        """The login that a token of ours belongs to."""
        given: Any = request.data
        try:
            return f"session:{read_refresh(given['refresh']).session_id}"
        except (ProblemError, KeyError, TypeError):
            return None


class RefreshView(TokenView):
    """POST auth/token/refresh."""

    @extend_schema(
        operation_id="refreshTokens",
        summary="Exchange the refresh token for a new pair",
        tags=["Login"],
        request=RefreshInput,
        responses={200: TokenPair},
        auth=[],
        extensions=changes(errors=("token_invalid", "token_reused")),
    )
    def post(self, request: Request) -> Response:
        """Rotate; a refresh token works once, but its device may ask again for a lost answer."""
        given = validated(RefreshInput, request)
        return Response(tokens.rotate(given["refresh"], device_of(request, given)))


class LogoutView(TokenView):
    """POST auth/logout."""

    @extend_schema(
        operation_id="logOut",
        summary="End this login",
        tags=["Login"],
        request=LogoutInput,
        responses={204: OpenApiResponse(description="Logged out.")},
        auth=[],
        extensions=changes(errors=("token_invalid",)),
    )
    def post(self, request: Request) -> Response:
        """End the login of the refresh token; its access tokens are refused from now on."""
        tokens.end(validated(LogoutInput, request)["refresh"])
        return Response(status=status.HTTP_204_NO_CONTENT)


def device_of(request: Request, given: Mapping[str, Any]) -> tokens.Device:
    """What the request tells of the device it comes from."""
    agent = "".join(filter(str.isprintable, request.headers.get("User-Agent", "")))
    name = given.get("device_name") or agent[:DEVICE_NAME_LENGTH]
    return tokens.Device(given.get("device_id", ""), name, client_ip(request))


def merge_guest_cart(user_id: UUID, token_hash: str | None) -> dict[str, Any] | None:
    """The merge report, or None without a guest cart; a failed merge never fails a login."""
    if token_hash is None:
        return None
    try:
        merged = call(
            "merge_carts",
            p_user_id=user_id,
            p_token_hash=token_hash,
            p_line_max=settings.CART_LINE_MAX,
            p_lines_max=settings.CART_LINES_MAX,
        )
    except Exception:
        logger.exception("cart merge failed at login", extra={"user_id": str(user_id)})
        return None
    return merged.report if merged.merged else None
