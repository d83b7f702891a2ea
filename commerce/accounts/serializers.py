"""What a customer sends and sees of their profile and address book."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from commerce.accounts.models import (
    PHONE_PATTERN,
    PHONE_WANTED,
    PINCODE_PATTERN,
    PINCODE_WANTED,
    AddressKind,
)
from commerce.accounts.states import STATE_NAMES
from commerce.core.pagination import Paged
from commerce.core.serializers import StrictSerializer


class MeInput(StrictSerializer):
    """What a customer may change of the profile; the phone number is who they are."""

    name = serializers.CharField(max_length=120, allow_blank=True)
    email = serializers.EmailField(allow_blank=True)


class MeOutput(serializers.Serializer[Any]):
    """The customer who is logged in."""

    id = serializers.UUIDField()
    phone = serializers.CharField()
    name = serializers.CharField()
    email = serializers.CharField()
    created_at = serializers.DateTimeField()


class AddressInput(StrictSerializer):
    """A delivery address in India."""

    name = serializers.CharField(max_length=120)
    phone = serializers.RegexField(
        PHONE_PATTERN,
        help_text="E.164, `+919812345678`.",
        error_messages={"invalid": PHONE_WANTED},
    )
    line1 = serializers.CharField(max_length=200)
    line2 = serializers.CharField(max_length=200, required=False, allow_blank=True)
    city = serializers.CharField(max_length=80)
    state = serializers.ChoiceField(choices=STATE_NAMES)
    pincode = serializers.RegexField(
        PINCODE_PATTERN, help_text="Six digits.", error_messages={"invalid": PINCODE_WANTED}
    )
    kind = serializers.ChoiceField(choices=AddressKind.choices, required=False)


class AddressOutput(serializers.Serializer[Any]):
    """An address of the customer's address book."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    phone = serializers.CharField()
    line1 = serializers.CharField()
    line2 = serializers.CharField()
    city = serializers.CharField()
    state = serializers.CharField()
    pincode = serializers.CharField()
    kind = serializers.ChoiceField(choices=AddressKind.choices)
    created_at = serializers.DateTimeField()


class AddressList(Paged):
    """A page of the address book, the newest first."""

    results = AddressOutput(many=True)
