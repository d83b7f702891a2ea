"""Coupons, what they apply to, and who has used them. Usage is written by procedures only."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models

from commerce.catalog.models import Brand, Category, Product
from commerce.core.models import Row, SoftDeleted, Versioned, money, one_of


class CouponKind(models.TextChoices):
    """How the discount is computed."""

    PERCENTAGE = "percentage"
    FLAT = "flat"
    FREE_SHIPPING = "free_shipping"
    BUY_X_GET_Y = "buy_x_get_y"


class CouponStatus(models.TextChoices):
    """Only `active` can be applied."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class Coupon(Row, SoftDeleted, Versioned):
    """A discount by code.

    `value` is per cent for `percentage` and rupees for `flat`; of every `buy_quantity +
    get_quantity` eligible units the `get_quantity` cheapest are free for `buy_x_get_y`.
    A coupon without scopes applies to everything. Codes are kept in capitals.
    """

    code = models.CharField(
        max_length=40, unique=True, validators=[RegexValidator(r"^[A-Z0-9_-]{3,40}$")]
    )
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=CouponKind)
    value = money(default=0, db_default=0)
    max_discount = money(null=True, blank=True)
    min_subtotal = money(default=0, db_default=0)
    buy_quantity = models.PositiveIntegerField(default=0, db_default=0)
    get_quantity = models.PositiveIntegerField(default=0, db_default=0)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    total_limit = models.PositiveIntegerField(null=True, blank=True)
    per_user_limit = models.PositiveIntegerField(null=True, blank=True)
    first_order_only = models.BooleanField(default=False, db_default=False)
    status = models.CharField(
        max_length=20, choices=CouponStatus, default=CouponStatus.DRAFT, db_default="draft"
    )

    class Meta:
        db_table = "coupons"
        constraints: ClassVar = [
            one_of("kind", CouponKind, "coupons_kind"),
            one_of("status", CouponStatus, "coupons_status"),
            models.CheckConstraint(
                condition=models.Q(kind="percentage", value__gt=0, value__lte=100)
                | models.Q(kind="flat", value__gt=0)
                | models.Q(kind="free_shipping")
                | models.Q(kind="buy_x_get_y", buy_quantity__gte=1, get_quantity__gte=1),
                name="coupons_value",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True)
                | models.Q(ends_at__gt=models.F("starts_at")),
                name="coupons_window",
            ),
            models.CheckConstraint(
                condition=models.Q(min_subtotal__gte=0)
                & (models.Q(max_discount__isnull=True) | models.Q(max_discount__gt=0)),
                name="coupons_amounts",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class CouponScope(Row, SoftDeleted):
    """One category (with its descendants), brand or product that a coupon applies to."""

    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, related_name="scopes")
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        db_table = "coupon_scopes"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(category__isnull=False, brand=None, product=None)
                | models.Q(category=None, brand__isnull=False, product=None)
                | models.Q(category=None, brand=None, product__isnull=False),
                name="coupon_scopes_one_target",
            )
        ]


class UsageStatus(models.TextChoices):
    """`reserved → bound → redeemed | rolled_back`."""

    RESERVED = "reserved"
    BOUND = "bound"
    REDEEMED = "redeemed"
    ROLLED_BACK = "rolled_back"


class CouponUsage(Row, Versioned):
    """A slot of a coupon's limits: on a cart with a lifetime, then bound to an order."""

    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, related_name="usages")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    cart = models.ForeignKey("cart.Cart", on_delete=models.PROTECT, related_name="coupon_usages")
    order = models.ForeignKey(
        "orders.Order", on_delete=models.PROTECT, null=True, related_name="coupon_usages"
    )
    status = models.CharField(
        max_length=20, choices=UsageStatus, default=UsageStatus.RESERVED, db_default="reserved"
    )
    expires_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=60, blank=True, default="", db_default="")

    class Meta:
        db_table = "coupon_usage"
        constraints: ClassVar = [
            one_of("status", UsageStatus, "coupon_usage_status"),
            models.CheckConstraint(
                condition=models.Q(status="reserved", order__isnull=True, expires_at__isnull=False)
                | models.Q(status__in=["bound", "redeemed"], order__isnull=False)
                | models.Q(status="rolled_back"),
                name="coupon_usage_shape",
            ),
            models.UniqueConstraint(
                fields=["cart"],
                condition=models.Q(status="reserved"),
                name="coupon_usage_one_per_cart",
            ),
            models.UniqueConstraint(
                fields=["order"],
                condition=models.Q(status__in=["bound", "redeemed"]),
                name="coupon_usage_one_per_order",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["coupon", "user"],
                name="coupon_usage_live",
                condition=models.Q(status__in=["reserved", "bound", "redeemed"]),
            ),
            models.Index(
                fields=["expires_at"],
                name="coupon_usage_expiry",
                condition=models.Q(status="reserved"),
            ),
        ]
