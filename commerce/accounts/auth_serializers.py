"""What the login endpoints take and answer."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from commerce.accounts.models import PHONE_PATTERN
from commerce.core.serializers import StrictSerializer


class SendCodeInput(StrictSerializer):
    """A phone number in E.164, such as `+919812345678`."""

    phone = serializers.RegexField(PHONE_PATTERN, max_length=16)


class SendCodeOutput(serializers.Serializer[Any]):
    """The same for known and unknown numbers."""

    resend_after_seconds = serializers.IntegerField()
    expires_in_seconds = serializers.IntegerField()


class VerifyCodeInput(StrictSerializer):
    """The phone and the code from the SMS."""

    phone = serializers.RegexField(PHONE_PATTERN, max_length=16)
    code = serializers.RegexField(r"^[0-9]{4,8}$")


class LoggedInUser(serializers.Serializer[Any]):
    """Who has logged in."""

    id = serializers.UUIDField()
    phone = serializers.CharField()
    name = serializers.CharField()
    is_new = serializers.BooleanField()


class MergedLine(serializers.Serializer[Any]):
    """A line of the guest cart; `requested` and `reason` only where they say something."""

    variant_id = serializers.UUIDField()
    sku = serializers.CharField()
    name = serializers.CharField()
    quantity = serializers.IntegerField(required=False)
    requested = serializers.IntegerField(required=False)
    reason = serializers.CharField(required=False)


class CartMergeReport(serializers.Serializer[Any]):
    """What became of the guest cart's lines."""

    kept = MergedLine(many=True)
    added = MergedLine(many=True)
    capped = MergedLine(many=True)
    dropped = MergedLine(many=True)


class TokenPair(serializers.Serializer[Any]):
    """The access token lives for minutes, the refresh token for one use."""

    access = serializers.CharField()
    refresh = serializers.CharField()


class VerifyCodeOutput(TokenPair):
    """A login; `cart_merge` is null without a guest cart."""

    user = LoggedInUser()
    cart_merge = CartMergeReport(allow_null=True)


class RefreshInput(StrictSerializer):
    """A refresh token."""

    refresh = serializers.CharField(max_length=2000)
