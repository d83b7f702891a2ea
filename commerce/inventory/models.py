"""Stock: what lies where, who holds it, and every movement. Written by procedures only."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from commerce.catalog.models import Variant
from commerce.core.ids import NextVal
from commerce.core.models import Row, SoftDeleted, Versioned, one_of


class Warehouse(Row, SoftDeleted):
    """A place that ships; its state is the origin of GST."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=80)
    line1 = models.CharField(max_length=200, blank=True, default="", db_default="")
    city = models.CharField(max_length=80)
    state = models.CharField(max_length=60)
    pincode = models.CharField(max_length=6)
    priority = models.PositiveIntegerField(default=10, db_default=10)
    is_active = models.BooleanField(default=True, db_default=True)

    class Meta:
        db_table = "warehouses"

    def __str__(self) -> str:
        return self.code


class Inventory(Row, Versioned):
    """The stock of one variant in one warehouse; overselling is not representable."""

    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="inventory")
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="inventory")
    on_hand = models.IntegerField(default=0, db_default=0)
    reserved = models.IntegerField(default=0, db_default=0)

    class Meta:
        db_table = "inventory"
        verbose_name_plural = "inventory"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["variant", "warehouse"], name="inventory_once"),
            models.CheckConstraint(
                condition=models.Q(reserved__gte=0, reserved__lte=models.F("on_hand")),
                name="inventory_never_oversold",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id}@{self.warehouse_id}"


class HoldStatus(models.TextChoices):
    """`active → consumed | released | expired`."""

    ACTIVE = "active"
    CONSUMED = "consumed"
    RELEASED = "released"
    EXPIRED = "expired"


class StockReservation(Row):
    """A hold: stock set aside for a cart (expires by the clock) or bound to an order (does not)."""

    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    warehouse = models.ForeignKey(
        Warehouse, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    cart = models.ForeignKey("cart.Cart", on_delete=models.PROTECT, related_name="holds")
    order = models.ForeignKey(
        "orders.Order", on_delete=models.PROTECT, null=True, related_name="holds"
    )
    order_item = models.ForeignKey(
        "orders.OrderItem", on_delete=models.PROTECT, null=True, related_name="holds"
    )
    quantity = models.IntegerField()
    status = models.CharField(
        max_length=20, choices=HoldStatus, default=HoldStatus.ACTIVE, db_default="active"
    )
    cart_version = models.IntegerField()
    first_held_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=60, blank=True, default="", db_default="")

    class Meta:
        db_table = "stock_reservations"
        constraints: ClassVar = [
            one_of("status", HoldStatus, "stock_reservations_status"),
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0), name="stock_reservations_quantity"
            ),
            models.CheckConstraint(
                condition=models.Q(order__isnull=True, order_item__isnull=True)
                | models.Q(order__isnull=False, order_item__isnull=False),
                name="stock_reservations_bound_whole",
            ),
            models.UniqueConstraint(
                fields=["cart", "variant"],
                condition=models.Q(status="active"),
                name="stock_reservations_one_active",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["variant", "warehouse", "expires_at"],
                name="stock_reservations_ending",
                condition=models.Q(status="active", order__isnull=True),
            ),
            models.Index(
                fields=["expires_at"],
                name="stock_reservations_expiry",
                condition=models.Q(status="active", order__isnull=True),
            ),
        ]


class DocumentKind(models.TextChoices):
    """Why stock was changed by hand."""

    RECEIPT = "receipt"
    CORRECTION = "correction"
    WRITE_OFF = "write_off"


class StockDocument(Row):
    """A receipt, correction or write-off; each reference is booked once per kind.

    `lines` is `[{sku, warehouse, quantity}]` as booked.
    """

    kind = models.CharField(max_length=20, choices=DocumentKind)
    reference = models.CharField(max_length=80)
    reason = models.CharField(max_length=200, blank=True, default="", db_default="")
    lines = models.JSONField()

    class Meta:
        db_table = "stock_documents"
        constraints: ClassVar = [
            one_of("kind", DocumentKind, "stock_documents_kind"),
            models.UniqueConstraint(fields=["kind", "reference"], name="stock_documents_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class MovementKind(models.TextChoices):
    """Why `on_hand` changed."""

    RECEIPT = "receipt"
    CORRECTION = "correction"
    WRITE_OFF = "write_off"
    SALE = "sale"
    RESTORE = "restore"


class StockLedgerEntry(Row):
    """One change of `on_hand`; append-only, so the sum of `delta` is the stock."""

    seq = models.BigIntegerField(db_default=NextVal("stock_ledger_seq"), editable=False)
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=MovementKind)
    delta = models.IntegerField()
    on_hand_after = models.IntegerField()
    document = models.ForeignKey(
        StockDocument, on_delete=models.PROTECT, null=True, related_name="entries"
    )
    order_item = models.ForeignKey(
        "orders.OrderItem", on_delete=models.PROTECT, null=True, related_name="+"
    )
    return_item = models.ForeignKey(
        "orders.ReturnItem", on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        db_table = "stock_ledger"
        verbose_name_plural = "stock ledger"
        constraints: ClassVar = [
            one_of("kind", MovementKind, "stock_ledger_kind"),
            models.CheckConstraint(condition=~models.Q(delta=0), name="stock_ledger_moves"),
            models.UniqueConstraint(fields=["seq"], name="stock_ledger_seq_once"),
            models.UniqueConstraint(
                fields=["order_item"],
                condition=models.Q(kind="sale"),
                name="stock_ledger_sold_once",
            ),
            models.UniqueConstraint(
                fields=["return_item"],
                condition=models.Q(return_item__isnull=False),
                name="stock_ledger_returned_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["variant", "warehouse", "seq"], name="stock_ledger_history")
        ]


class AvailableStock(models.Model):
    """A row of the view `available_stock`: what one warehouse can still promise of a variant."""

    pk = models.CompositePrimaryKey("variant", "warehouse")
    variant = models.ForeignKey(Variant, on_delete=models.DO_NOTHING, related_name="availability")
    warehouse = models.ForeignKey(Warehouse, on_delete=models.DO_NOTHING, related_name="+")
    on_hand = models.IntegerField()
    available = models.IntegerField()

    class Meta:
        managed = False
        db_table = "available_stock"

    def __str__(self) -> str:
        return f"{self.variant_id}@{self.warehouse_id}: {self.available}"
