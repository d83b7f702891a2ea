"""The customer's own profile and address book."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from commerce.accounts.erasure import erase, living
from commerce.accounts.models import Address
from commerce.accounts.serializers import (
    AddressInput,
    AddressList,
    AddressOutput,
    MeInput,
    MeOutput,
)
from commerce.core.clients import user_id_of
from commerce.core.pagination import PageQuery, paginate
from commerce.core.parameters import changes as changing
from commerce.core.serializers import validated


class MeView(APIView):
    """GET PATCH DELETE me."""

    @extend_schema(
        operation_id="getMe",
        summary="The profile",
        tags=["Profile"],
        responses={200: MeOutput},
    )
    def get(self, request: Request) -> Response:
        """Answer who is logged in."""
        return Response(MeOutput(request.user).data)

    @extend_schema(
        operation_id="updateMe",
        summary="Change name or e-mail",
        tags=["Profile"],
        request=MeInput,
        responses={200: MeOutput},
    )
    def patch(self, request: Request) -> Response:
        """Change what is sent and leave the rest."""
        changes = validated(MeInput, request, partial=True)
        with living(user_id_of(request)) as user:
            return Response(MeOutput(_changed(user, changes)).data)

    @extend_schema(
        operation_id="eraseMe",
        summary="Erase all personal data",
        tags=["Profile"],
        responses={204: None},
        extensions=changing(errors=("erasure_blocked",)),
    )
    def delete(self, request: Request) -> Response:
        """Erase the person for good; orders stay without a name. Refused while one is under way."""
        user: Any = request.user
        erase(user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class AddressesView(APIView):
    """GET POST addresses."""

    @extend_schema(
        operation_id="listAddresses",
        summary="The address book",
        tags=["Addresses"],
        parameters=[PageQuery],
        responses={200: AddressList},
    )
    def get(self, request: Request) -> Response:
        """Answer a page of the customer's own addresses."""
        page = paginate(_addresses(request), **validated(PageQuery, request.query_params))
        return Response(AddressList(page.answer(page.rows)).data)

    @extend_schema(
        operation_id="createAddress",
        summary="Add an address",
        tags=["Addresses"],
        request=AddressInput,
        responses={201: AddressOutput},
    )
    def post(self, request: Request) -> Response:
        """Add an address; whether the shop delivers there is judged at checkout."""
        values = validated(AddressInput, request)
        with living(user_id_of(request)) as user:
            address = Address.objects.create(user=user, created_by=user, **values)
        return Response(AddressOutput(address).data, status=status.HTTP_201_CREATED)


class AddressView(APIView):
    """GET PATCH DELETE addresses/{id}."""

    @extend_schema(
        operation_id="getAddress",
        summary="One address",
        tags=["Addresses"],
        responses={200: AddressOutput},
    )
    def get(self, request: Request, address_id: UUID) -> Response:
        """Answer an address of the customer's own."""
        return Response(AddressOutput(_address(request, address_id)).data)

    @extend_schema(
        operation_id="updateAddress",
        summary="Change an address",
        tags=["Addresses"],
        request=AddressInput,
        responses={200: AddressOutput},
    )
    def patch(self, request: Request, address_id: UUID) -> Response:
        """Change what is sent and leave the rest; orders keep the address they were placed with."""
        changes = validated(AddressInput, request, partial=True)
        with living(user_id_of(request)):
            address = _changed(_address(request, address_id), changes)
        return Response(AddressOutput(address).data)

    @extend_schema(
        operation_id="deleteAddress",
        summary="Remove an address",
        tags=["Addresses"],
        responses={204: None},
    )
    def delete(self, request: Request, address_id: UUID) -> Response:
        """Take the address out of the book."""
        _changed(_address(request, address_id), {"is_deleted": True})
        return Response(status=status.HTTP_204_NO_CONTENT)


def _addresses(request: Request) -> QuerySet[Address]:
    return Address.objects.filter(user_id=user_id_of(request), is_deleted=False)


def _address(request: Request, address_id: UUID) -> Address:
    return get_object_or_404(_addresses(request), pk=address_id)


def _changed(row: Any, changes: dict[str, Any]) -> Any:
    """The row with `changes` stored; columns that were not sent are not written."""
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=[*changes, "updated_at"])
    return row
