"""Where the shop delivers, from which warehouse, and for what fee."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models

from commerce.core.models import Row, SoftDeleted, money


class ServiceablePincode(Row, SoftDeleted):
    """A pincode that the shop delivers to."""

    pincode = models.CharField(
        max_length=6, unique=True, validators=[RegexValidator(r"^[1-9][0-9]{5}$")]
    )
    city = models.CharField(max_length=80)
    state = models.CharField(max_length=60)
    is_serviceable = models.BooleanField(default=True, db_default=True)
    cod_allowed = models.BooleanField(default=True, db_default=True)
    delivery_days_min = models.PositiveIntegerField(default=2, db_default=2)
    delivery_days_max = models.PositiveIntegerField(default=5, db_default=5)

    class Meta:
        db_table = "serviceable_pincodes"

    def __str__(self) -> str:
        return f"{self.pincode} {self.city}"


class WarehouseRegion(Row, SoftDeleted):
    """A warehouse delivers to each pincode that begins with `prefix`; lowest `priority` first."""

    warehouse = models.ForeignKey(
        "inventory.Warehouse", on_delete=models.PROTECT, related_name="regions"
    )
    prefix = models.CharField(max_length=6, validators=[RegexValidator(r"^[1-9][0-9]{0,5}$")])
    priority = models.PositiveIntegerField(default=10, db_default=10)

    class Meta:
        db_table = "warehouse_regions"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["warehouse", "prefix"], name="warehouse_regions_once")
        ]

    def __str__(self) -> str:
        return f"{self.warehouse_id} → {self.prefix}*"


class ShippingRule(Row, SoftDeleted):
    """Fees from an order value on: of the active rules reached, the highest one holds.

    The order value is what the goods cost after discounts and coupon, in rupees.
    """

    name = models.CharField(max_length=80)
    min_order_value = money(default=0, db_default=0)
    shipping_fee = money(default=0, db_default=0)
    cod_fee = money(default=0, db_default=0)
    is_active = models.BooleanField(default=True, db_default=True)

    class Meta:
        db_table = "shipping_rules"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(min_order_value__gte=0, shipping_fee__gte=0, cod_fee__gte=0),
                name="shipping_rules_not_negative",
            ),
            models.UniqueConstraint(
                fields=["min_order_value"],
                condition=models.Q(is_active=True, is_deleted=False),
                name="shipping_rules_one_per_value",
            ),
        ]

    def __str__(self) -> str:
        return self.name
