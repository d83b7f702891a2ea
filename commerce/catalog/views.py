"""Browsing: home, categories, product list, product page, search. Open to everybody."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from commerce.catalog import home, listing, reads, suggesting
from commerce.catalog.related import related_to
from commerce.catalog.serializers import (
    CategoryTree,
    Home,
    ProductList,
    ProductPage,
    SearchList,
    Suggestions,
    SuggestQuery,
    card,
)
from commerce.core.errors import ProblemError
from commerce.core.parameters import changes
from commerce.core.replica import from_replica
from commerce.core.serializers import validated
from commerce.core.views import PublicView


class SearchParameters(listing.ProductQuery):
    """The words, and every filter of the product list."""

    q = serializers.CharField(
        max_length=80, help_text="Each word, or one that counts as it, must be found."
    )


class HomeView(PublicView):
    """GET home."""

    @extend_schema(
        operation_id="getHome",
        summary="The home screen's sections",
        tags=["Home"],
        responses={200: Home},
    )
    @from_replica
    def get(self, request: Request) -> Response:
        """Answer the sections that are shown now, in their order."""
        return Response({"sections": [home.told(one) for one in home.home()]})


class CategoriesView(PublicView):
    """GET categories."""

    @extend_schema(
        operation_id="listCategories",
        summary="The tree of categories",
        tags=["Home"],
        responses={200: CategoryTree},
    )
    @from_replica
    def get(self, request: Request) -> Response:
        """Answer all active categories, children within their parents."""
        tree = {"results": reads.category_tree(), "next": None, "previous": None}
        return Response(CategoryTree(tree).data)


class ProductsView(PublicView):
    """GET products."""

    @extend_schema(
        operation_id="listProducts",
        summary="Products by filter and sort order, with facets",
        tags=["Product list"],
        parameters=[listing.ProductQuery],
        responses={200: ProductList},
    )
    @from_replica
    def get(self, request: Request) -> Response:
        """Answer a page of the products that match every filter."""
        wanted = validated(listing.ProductQuery, request.query_params)
        return Response(listing.product_list(wanted))


class SearchView(PublicView):
    """GET search."""

    @extend_schema(
        operation_id="searchProducts",
        summary="Products by words",
        tags=["Search"],
        parameters=[SearchParameters],
        responses={200: SearchList},
    )
    @from_replica
    def get(self, request: Request) -> Response:
        """Answer a page of the products in which each word is found, the best first."""
        wanted = validated(SearchParameters, request.query_params)
        return Response(listing.search_list(wanted))


class SuggestView(PublicView):
    """GET search/suggest."""

    @extend_schema(
        operation_id="suggestSearches",
        summary="Names that go on from what was typed",
        tags=["Search"],
        parameters=[SuggestQuery],
        responses={200: Suggestions},
    )
    @from_replica
    def get(self, request: Request) -> Response:
        """Answer categories, brands and products whose names have words that begin so."""
        wanted = validated(SuggestQuery, request.query_params)
        return Response({"results": suggesting.suggestions(wanted["q"])})


class ProductView(PublicView):
    """GET products/{slug}."""

    @extend_schema(
        operation_id="getProduct",
        summary="One product with its variants",
        tags=["Product page"],
        responses={200: ProductPage},
        extensions=changes(errors=("product_not_found",)),
    )
    @from_replica
    def get(self, request: Request, slug: str) -> Response:
        """Answer the product with what can be bought of each variant."""
        product: Any = reads.product_page(slug)
        if product is None:
            raise ProblemError("product_not_found")
        product.breadcrumbs = reads.breadcrumbs(product.category.path)
        product.related = ()  # the serializer would take longer for these than for all the rest
        page = ProductPage(product).data
        return Response({**page, "related": [card(one) for one in related_to(product)]})
