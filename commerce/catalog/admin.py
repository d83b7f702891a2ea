"""The merchandisers' pages: products with variants and images, categories, home sections."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from commerce.catalog import tree
from commerce.catalog.forms import CategoryForm, SearchSynonymForm
from commerce.catalog.models import (
    Brand,
    Category,
    HomeSection,
    Product,
    ProductImage,
    SearchSynonym,
    Variant,
)
from commerce.catalog.previews import preview
from commerce.catalog.section_forms import RULE, HomeSectionForm
from commerce.core.admin import TIMES, ShopAdmin, ShopInline


class VariantInline(ShopInline):
    """Sizes and colours; one that is no longer sold is made inactive, since orders hold it."""

    model = Variant
    fields = ("sku", "size", "colour", "mrp", "price", "status", "position")
    can_delete = False


class ProductImageInline(ShopInline):
    """Pictures in their order."""

    model = ProductImage
    fields = ("image", "alt", "variant", "position")
    raw_id_fields = ("variant",)


@admin.register(Product)
class ProductAdmin(ShopAdmin):
    """A product with all that is sold of it."""

    list_display = ("name", "brand", "category", "status", "gst_rate", "popularity", "published_at")
    list_filter = ("status", "gender", "brand")
    list_select_related = ("brand", "category")
    search_fields = ("name", "=slug", "=variants__sku")
    autocomplete_fields = ("brand", "category")
    prepopulated_fields = {"slug": ("name",)}  # noqa: RUF012 - Django's own way
    readonly_fields = (*TIMES, "version", "rating", "rating_count", "popularity")
    inlines = (VariantInline, ProductImageInline)


@admin.register(Variant)
class VariantAdmin(ShopAdmin):
    """One size and colour; the price holds for carts, orders keep what was agreed."""

    list_display = ("sku", "product", "size", "colour", "mrp", "price", "status")
    list_filter = ("status",)
    list_select_related = ("product",)
    search_fields = ("sku", "product__name")
    autocomplete_fields = ("product",)
    readonly_fields = (*TIMES, "version")


@admin.register(ProductImage)
class ProductImageAdmin(ShopAdmin):
    """A picture by its path below the CDN."""

    list_display = ("image", "product", "position", "alt")
    list_select_related = ("product",)
    search_fields = ("image", "product__name")
    autocomplete_fields = ("product", "variant")


@admin.register(Category)
class CategoryAdmin(ShopAdmin):
    """A node of the tree; its path follows from its parent."""

    form = CategoryForm
    list_display = ("path", "name", "parent", "position", "is_active")
    list_filter = ("is_active",)
    list_select_related = ("parent",)
    search_fields = ("name", "slug")
    autocomplete_fields = ("parent",)
    readonly_fields = (*TIMES, "path")
    ordering = ("path",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Store the node in its place of the tree."""
        if not change:
            obj.created_by = request.user
        tree.place(obj)


@admin.register(Brand)
class BrandAdmin(ShopAdmin):
    """A maker's name."""

    list_display = ("name", "slug")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}  # noqa: RUF012 - Django's own way
    ordering = ("name",)


@admin.register(HomeSection)
class HomeSectionAdmin(ShopAdmin):
    """A section of the home screen; "Preview" shows what it would hold without storing it."""

    form = HomeSectionForm
    change_form_template = "admin/catalog/section.html"
    list_display = ("title", "kind", "position", "is_active", "starts_at", "ends_at")
    list_filter = ("kind", "is_active")
    search_fields = ("title",)
    ordering = ("position",)
    fieldsets = (
        (None, {"fields": ("title", "kind", "position", "is_active", "starts_at", "ends_at")}),
        ("Banner", {"fields": ("image", "link", "alt")}),
        ("Categories", {"fields": ("slugs",)}),
        ("Ages", {"fields": ("bands",), "description": "None chosen: all of them."}),
        ("Collection by hand", {"fields": ("products",)}),
        ("Collection by rule", {"fields": RULE}),
        ("Collection, newest, popular", {"fields": ("limit",)}),
        ("Row", {"fields": TIMES, "classes": ("collapse",)}),
    )

    def get_urls(self) -> list[URLPattern]:
        """Besides the usual pages, where the form is sent for a preview."""
        wrapped = self.admin_site.admin_view(self.preview)
        return [path("preview/", wrapped, name="catalog_homesection_preview"), *super().get_urls()]

    def preview(self, request: HttpRequest) -> HttpResponse:
        """What the section that the form describes would show now."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            raise PermissionDenied
        told = {**self.admin_site.each_context(request), **preview(HomeSectionForm(request.POST))}
        return TemplateResponse(request, "admin/catalog/preview.html", told)


@admin.register(SearchSynonym)
class SearchSynonymAdmin(ShopAdmin):
    """Words by which the same is searched; a change counts from the next search on."""

    form = SearchSynonymForm
    list_display = ("__str__", "updated_at")
    ordering = ("words",)
