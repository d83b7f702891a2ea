"""Pincodes, regions and fees, edited by the order desk."""

from __future__ import annotations

from django.contrib import admin

from commerce.core.admin import ShopAdmin
from commerce.shipping.models import ServiceablePincode, ShippingRule, WarehouseRegion


@admin.register(ServiceablePincode)
class ServiceablePincodeAdmin(ShopAdmin):
    """Where the shop delivers, and where cash is taken."""

    list_display = ("pincode", "city", "state", "is_serviceable", "cod_allowed")
    list_filter = ("is_serviceable", "cod_allowed", "state")
    search_fields = ("pincode", "city")
    ordering = ("pincode",)


@admin.register(WarehouseRegion)
class WarehouseRegionAdmin(ShopAdmin):
    """Which warehouse serves which pincodes."""

    list_display = ("prefix", "warehouse", "priority")
    list_filter = ("warehouse",)
    list_select_related = ("warehouse",)
    search_fields = ("prefix",)
    autocomplete_fields = ("warehouse",)
    ordering = ("prefix", "priority")


@admin.register(ShippingRule)
class ShippingRuleAdmin(ShopAdmin):
    """Fees from an order value on."""

    list_display = ("name", "min_order_value", "shipping_fee", "cod_fee", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name",)
    ordering = ("min_order_value",)
