"""What the login endpoints take and answer."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from commerce.accounts.models import PHONE_PATTERN, PHONE_WANTED
from commerce.core.pagination import Paged
from commerce.core.serializers import StrictSerializer

DROPPED = ("unavailable", "out_of_stock", "cart_full")


class SendCodeInput(StrictSerializer):
    """A phone number in E.164, such as `+919812345678`."""

    phone = serializers.RegexField(
        PHONE_PATTERN, max_length=16, error_messages={"invalid": PHONE_WANTED}
    )


class SendCodeOutput(serializers.Serializer[Any]):
    """The same for known and unknown numbers."""

    resend_after_seconds = serializers.IntegerField()
    expires_in_seconds = serializers.IntegerField()


class DeviceInput(StrictSerializer):
    """A device that names itself may ask again for an answer that was lost."""

    device_id = serializers.RegexField(
        r"^[A-Za-z0-9_-]{16,64}$",
        required=False,
        help_text="A random value that the app makes once and keeps; only its hash is stored.",
    )


class VerifyCodeInput(DeviceInput):
    """The phone and the code from the SMS, and what the device is called."""

    phone = serializers.RegexField(
        PHONE_PATTERN, max_length=16, error_messages={"invalid": PHONE_WANTED}
    )
    code = serializers.RegexField(r"^[0-9]{4,8}$")
    device_name = serializers.CharField(
        max_length=120,
        required=False,
        allow_blank=True,
        help_text="Shown in the list of logins; without it, what the User-Agent says.",
    )


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
    reason = serializers.ChoiceField(DROPPED, required=False)


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


class LogoutInput(StrictSerializer):
    """A refresh token of the login that is to end."""

    refresh = serializers.CharField(max_length=2000)


class RefreshInput(DeviceInput):
    """A refresh token, and the `device_id` that the device logged in with."""

    refresh = serializers.CharField(max_length=2000)


class SessionOutput(serializers.Serializer[Any]):
    """A login that is not over; `network` is the address without its last part."""

    id = serializers.UUIDField()
    device_name = serializers.CharField()
    network = serializers.CharField()
    created_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField(
        source="rotated_at", help_text="When its tokens were renewed last."
    )
    current = serializers.BooleanField(help_text="Whether this request came by it.")


class SessionList(Paged):
    """A page of the customer's logins, the newest first."""

    results = SessionOutput(many=True)
