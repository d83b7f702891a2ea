"""Carts of guests and customers. Written by procedures only."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from commerce.accounts.models import Address
from commerce.catalog.models import Variant
from commerce.core.models import Row, SoftDeleted, Versioned, money, one_of
from commerce.coupons.models import Coupon


class CartStatus(models.TextChoices):
    """`open → ordered | merged | abandoned`."""

    OPEN = "open"
    ORDERED = "ordered"
    MERGED = "merged"
    ABANDONED = "abandoned"


class PaymentMethod(models.TextChoices):
    """How the buyer means to pay."""

    ONLINE = "online"
    COD = "cod"


class Cart(Row, Versioned):
    """A cart; `version` grows with every change that touches what is bought.

    A guest's cart is known by the SHA-256 of its token. `validated_version` is the version that
    checkout last accepted, for `address` and `payment_method`.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="carts"
    )
    token_hash = models.CharField(max_length=64, null=True, unique=True)
    status = models.CharField(
        max_length=20, choices=CartStatus, default=CartStatus.OPEN, db_default="open"
    )
    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, null=True, related_name="+")
    address = models.ForeignKey(Address, on_delete=models.PROTECT, null=True, related_name="+")
    payment_method = models.CharField(
        max_length=10, choices=PaymentMethod, default=PaymentMethod.ONLINE, db_default="online"
    )
    validated_version = models.IntegerField(null=True)
    validated_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    last_active_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "carts"
        constraints: ClassVar = [
            one_of("status", CartStatus, "carts_status"),
            one_of("payment_method", PaymentMethod, "carts_payment_method"),
            models.CheckConstraint(
                condition=models.Q(user__isnull=False) | models.Q(token_hash__isnull=False),
                name="carts_owned",
            ),
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(status="open"), name="carts_one_open"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["last_active_at"],
                name="carts_idle",
                condition=models.Q(status="open"),
            )
        ]


class CartItem(Row, SoftDeleted):
    """A line of a cart, with the price the buyer last saw; adding again revives a removed one."""

    cart = models.ForeignKey(Cart, on_delete=models.PROTECT, related_name="items")
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    quantity = models.IntegerField()
    seen_price = money()
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "cart_items"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cart", "variant"], name="cart_items_once"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="cart_items_quantity"),
        ]


class Quote(models.Model):
    """A row of the view `quotes`: what a cart costs now, or what an order was agreed to cost."""

    owner_id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=10)
    units = models.IntegerField()
    subtotal = money()
    discount = money()
    items_total = money()
    coupon = models.ForeignKey(Coupon, on_delete=models.DO_NOTHING, null=True, related_name="+")
    coupon_code = models.CharField(max_length=40, null=True)
    coupon_holds = models.BooleanField()
    coupon_discount = money()
    shipping = money()
    cod_fee = money()
    tax_included = money()
    total = money()
    currency = models.CharField(max_length=3)

    class Meta:
        managed = False
        db_table = "quotes"

    def __str__(self) -> str:
        return f"{self.kind} {self.owner_id}: {self.total}"
