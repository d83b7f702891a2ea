"""The customer's wishlist."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from commerce.catalog.reads import visible_products
from commerce.core.clients import user_id_of
from commerce.core.errors import ProblemError
from commerce.core.pagination import PageQuery, paginate
from commerce.core.parameters import changes
from commerce.core.serializers import validated
from commerce.wishlist.models import Wishlist
from commerce.wishlist.reads import entries_of, with_cards
from commerce.wishlist.serializers import WishlistEntry, WishlistInput, WishlistPage


class WishlistView(APIView):
    """GET POST wishlist."""

    @extend_schema(
        operation_id="listWishlist",
        summary="The wishlist",
        tags=["Wishlist"],
        parameters=[PageQuery],
        responses={200: WishlistPage},
    )
    def get(self, request: Request) -> Response:
        """Answer a page of what the customer has put aside."""
        wanted = validated(PageQuery, request.query_params)
        page = paginate(entries_of(user_id_of(request)), **wanted)
        return Response(WishlistPage(page.answer(with_cards(page.rows))).data)

    @extend_schema(
        operation_id="addToWishlist",
        summary="Put a product aside",
        tags=["Wishlist"],
        request=WishlistInput,
        responses={
            200: OpenApiResponse(WishlistEntry, description="It is there already."),
            201: OpenApiResponse(WishlistEntry, description="Put aside."),
        },
        extensions=changes(errors=("product_not_found",)),
    )
    def post(self, request: Request) -> Response:
        """Put a product aside: 201 the first time, 200 with the same entry when it is there."""
        product_id = validated(WishlistInput, request)["product_id"]
        if not visible_products().filter(pk=product_id).exists():
            raise ProblemError("product_not_found")
        user: Any = request.user
        entry, added = Wishlist.objects.get_or_create(
            user=user, product_id=product_id, defaults={"created_by": user}
        )
        code = status.HTTP_201_CREATED if added else status.HTTP_200_OK
        for shown in with_cards([entry]):
            return Response(WishlistEntry(shown).data, status=code)
        raise ProblemError("product_not_found")  # it left the shelves this very moment


class WishlistItemView(APIView):
    """DELETE wishlist/{product_id}."""

    @extend_schema(
        operation_id="removeFromWishlist",
        summary="Take a product off the wishlist",
        tags=["Wishlist"],
        responses={204: None},
    )
    def delete(self, request: Request, product_id: UUID) -> Response:
        """Take the product off the list; harmless when it is not on it."""
        Wishlist.objects.filter(user_id=user_id_of(request), product_id=product_id).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)
