"""Orders, their lines and histories, and returns. Written by procedures only."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from commerce.cart.models import Cart, PaymentMethod
from commerce.catalog.models import Variant
from commerce.core.models import Row, SoftDeleted, Versioned, money, one_of
from commerce.coupons.models import Coupon
from commerce.inventory.models import Warehouse
from commerce.orders.states import (
    ActorKind,
    OrderStatus,
    PaymentStatus,
    ReturnCondition,
    ReturnStatus,
)


class Order(Row, SoftDeleted, Versioned):
    """An order with the prices, fees and address that the buyer agreed to.

    `subtotal` is at MRP; `total = subtotal - discount - coupon_discount + shipping_fee + cod_fee`,
    all tax-inclusive; `tax_included` is the GST within. `expires_at` ends an unpaid order.
    """

    number = models.CharField(max_length=20, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="orders"
    )
    cart = models.OneToOneField(Cart, on_delete=models.PROTECT, related_name="order")
    status = models.CharField(
        max_length=20, choices=OrderStatus, default=OrderStatus.CREATED, db_default="created"
    )
    payment_status = models.CharField(
        max_length=20, choices=PaymentStatus, default=PaymentStatus.UNPAID, db_default="unpaid"
    )
    payment_method = models.CharField(max_length=10, choices=PaymentMethod)
    currency = models.CharField(max_length=3, default="INR", db_default="INR")
    subtotal = money()
    discount = money(default=0, db_default=0)
    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, null=True, related_name="+")
    coupon_code = models.CharField(max_length=40, blank=True, default="", db_default="")
    coupon_discount = money(default=0, db_default=0)
    shipping_fee = money(default=0, db_default=0)
    cod_fee = money(default=0, db_default=0)
    tax_included = money(default=0, db_default=0)
    total = money()
    shipping_address = models.JSONField()
    ship_state = models.CharField(max_length=60)
    ship_pincode = models.CharField(max_length=6)
    expires_at = models.DateTimeField(null=True)
    frozen_at = models.DateTimeField(null=True)
    placed_at = models.DateTimeField(db_default=Now())
    confirmed_at = models.DateTimeField(null=True)
    shipped_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(max_length=200, blank=True, default="", db_default="")
    carrier = models.CharField(max_length=60, blank=True, default="", db_default="")
    tracking_number = models.CharField(max_length=60, blank=True, default="", db_default="")

    class Meta:
        db_table = "orders"
        constraints: ClassVar = [
            one_of("status", OrderStatus, "orders_status"),
            one_of("payment_status", PaymentStatus, "orders_payment_status"),
            one_of("payment_method", PaymentMethod, "orders_payment_method"),
            models.CheckConstraint(
                condition=models.Q(
                    total=models.F("subtotal")
                    - models.F("discount")
                    - models.F("coupon_discount")
                    + models.F("shipping_fee")
                    + models.F("cod_fee"),
                    total__gte=0,
                ),
                name="orders_total_adds_up",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "-created_at", "-id"], name="orders_of_user"),
            models.Index(
                fields=["expires_at"],
                name="orders_expiry",
                condition=models.Q(status__in=["created", "pending_payment"]),
            ),
            models.Index(fields=["status", "-created_at"], name="orders_by_status"),
            models.Index(fields=["-created_at", "-id"], name="orders_newest"),
        ]

    def __str__(self) -> str:
        return self.number


class OrderItem(Row, SoftDeleted):
    """A line of an order, as bought.

    `coupon_base` is the part of the line that the coupon's discount is split over. After the freeze
    `line_total = quantity * unit_price - coupon_share = taxable_value + cgst + sgst + igst`.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="items")
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="+")
    sku = models.CharField(max_length=40)
    product_slug = models.CharField(max_length=120)
    name = models.CharField(max_length=160)
    size = models.CharField(max_length=20)
    colour = models.CharField(max_length=30)
    image = models.CharField(max_length=300, blank=True, default="", db_default="")
    hsn_code = models.CharField(max_length=8)
    gst_rate = models.DecimalField(max_digits=4, decimal_places=2)
    origin_state = models.CharField(max_length=60)
    quantity = models.IntegerField()
    unit_mrp = money()
    unit_price = money()
    coupon_base = money(default=0, db_default=0)
    coupon_share = money(default=0, db_default=0)
    line_total = money(default=0, db_default=0)
    taxable_value = money(default=0, db_default=0)
    cgst = money(default=0, db_default=0)
    sgst = money(default=0, db_default=0)
    igst = money(default=0, db_default=0)
    quantity_sold = models.IntegerField(default=0, db_default=0)
    quantity_restored = models.IntegerField(default=0, db_default=0)
    quantity_returned = models.IntegerField(default=0, db_default=0)

    class Meta:
        db_table = "order_items"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "variant"], name="order_items_once"),
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0, coupon_share__gte=0, line_total__gte=0),
                name="order_items_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    quantity_sold__gte=0,
                    quantity_sold__lte=models.F("quantity"),
                    quantity_restored__gte=0,
                    quantity_restored__lte=models.F("quantity_sold"),
                    quantity_returned__gte=0,
                    quantity_returned__lte=models.F("quantity"),
                ),
                name="order_items_stock_whole",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["variant"], name="order_items_of_variant")]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.sku}"


class OrderStatusTransition(Row):
    """One legal step of an order and one kind of actor that may make it; kept by a migration."""

    from_status = models.CharField(max_length=20, choices=OrderStatus)
    to_status = models.CharField(max_length=20, choices=OrderStatus)
    actor = models.CharField(max_length=10, choices=ActorKind)

    class Meta:
        db_table = "order_status_transitions"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["from_status", "to_status", "actor"], name="order_status_transitions_once"
            ),
            one_of("actor", ActorKind, "order_status_transitions_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status} ({self.actor})"


class OrderEvent(Row):
    """One change of an order's status; `seq` is the order's version after it."""

    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, db_index=False, related_name="events"
    )
    seq = models.IntegerField()
    from_status = models.CharField(max_length=20, blank=True, default="", db_default="")
    to_status = models.CharField(max_length=20, choices=OrderStatus)
    actor_kind = models.CharField(max_length=10, choices=ActorKind)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    note = models.CharField(max_length=500, blank=True, default="", db_default="")

    class Meta:
        db_table = "order_events"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "seq"], name="order_events_once"),
            one_of("actor_kind", ActorKind, "order_events_actor_kind"),
        ]
        indexes: ClassVar = [
            # A whole history without the table: the audit reads every one of them
            models.Index(
                fields=["order", "seq"],
                include=["from_status", "to_status", "actor_kind"],
                name="order_events_history",
            )
        ]

    def __str__(self) -> str:
        return f"{self.seq}: {self.to_status}"


class Return(Row, SoftDeleted, Versioned):
    """A customer's wish to send items of a delivered order back."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="returns")
    number = models.CharField(max_length=20, unique=True)
    status = models.CharField(
        max_length=20, choices=ReturnStatus, default=ReturnStatus.REQUESTED, db_default="requested"
    )
    reason = models.CharField(max_length=500)
    staff_note = models.CharField(max_length=500, blank=True, default="", db_default="")
    approved_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "returns"
        constraints: ClassVar = [one_of("status", ReturnStatus, "returns_status")]
        indexes: ClassVar = [
            models.Index(fields=["status", "-created_at"], name="returns_by_status")
        ]

    def __str__(self) -> str:
        return self.number


class ReturnItem(Row):
    """Units of one order line that come back."""

    return_request = models.ForeignKey(
        Return, on_delete=models.PROTECT, related_name="items", db_column="return_id"
    )
    order_item = models.ForeignKey(OrderItem, on_delete=models.PROTECT, related_name="return_items")
    quantity = models.IntegerField()
    condition = models.CharField(
        max_length=10, choices=ReturnCondition, blank=True, default="", db_default=""
    )
    restored_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "return_items"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["return_request", "order_item"], name="return_items_once"
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0), name="return_items_quantity"
            ),
            one_of("condition", ReturnCondition, "return_items_condition"),
        ]
