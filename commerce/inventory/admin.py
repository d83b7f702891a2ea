"""Stock, read-only: procedures write it. Warehouses are edited."""

from __future__ import annotations

from django.contrib import admin

from commerce.core.admin import ReadOnlyAdmin, ShopAdmin
from commerce.inventory.models import (
    Inventory,
    StockDocument,
    StockLedgerEntry,
    StockReservation,
    Warehouse,
)


@admin.register(Warehouse)
class WarehouseAdmin(ShopAdmin):
    """A place that ships; its state is the origin of GST."""

    list_display = ("code", "name", "city", "state", "priority", "is_active")
    list_filter = ("is_active", "state")
    search_fields = ("code", "name", "city")
    ordering = ("priority", "code")


@admin.register(Inventory)
class InventoryAdmin(ReadOnlyAdmin):
    """What lies where, and how much of it is held."""

    list_display = ("variant", "warehouse", "on_hand", "reserved", "updated_at")
    list_filter = ("warehouse",)
    list_select_related = ("variant", "warehouse")
    search_fields = ("variant__sku",)


@admin.register(StockReservation)
class StockReservationAdmin(ReadOnlyAdmin):
    """Holds of carts and orders."""

    list_display = ("variant", "warehouse", "quantity", "status", "order", "expires_at")
    list_filter = ("status", "warehouse")
    list_select_related = ("variant", "warehouse", "order")
    search_fields = ("variant__sku", "=order__number")


@admin.register(StockDocument)
class StockDocumentAdmin(ReadOnlyAdmin):
    """Receipts, corrections and write-offs."""

    list_display = ("reference", "kind", "reason", "created_at")
    list_filter = ("kind",)
    search_fields = ("reference",)


@admin.register(StockLedgerEntry)
class StockLedgerEntryAdmin(ReadOnlyAdmin):
    """Every movement, the newest first."""

    list_display = ("seq", "variant", "warehouse", "kind", "delta", "on_hand_after", "created_at")
    list_filter = ("kind", "warehouse")
    list_select_related = ("variant", "warehouse")
    search_fields = ("variant__sku", "document__reference")
    ordering = ("-seq",)
