"""Builds what a test needs, in as few words as the test's own sentence has."""

from __future__ import annotations

import itertools
import uuid
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils import timezone

from commerce.accounts.models import Address, User
from commerce.audit.invariants import violations
from commerce.catalog.models import Brand, Category, Product, Variant
from commerce.coupons.models import Coupon, CouponScope
from commerce.inventory.models import Inventory, StockLedgerEntry, Warehouse
from commerce.shipping.models import ServiceablePincode, ShippingRule, WarehouseRegion
from tests.shop.journeys import Journeys

_numbers = itertools.count(1)


class Shop(Journeys):
    """A shop in Bengaluru (Karnataka), pincode 560001, with whatever a test adds."""

    def __init__(self) -> None:
        self.home: Warehouse = self.warehouse("BLR", state="Karnataka", regions=("5",))
        self.pincode("560001", city="Bengaluru", state="Karnataka")

    def warehouse(
        self,
        code: str,
        *,
        state: str,
        regions: tuple[str, ...] = (),
        priority: int = 10,
        region_priority: int = 10,
    ) -> Warehouse:
        """A warehouse that serves the pincodes beginning with `regions`."""
        warehouse = Warehouse.objects.create(
            code=code, name=code, city=code, state=state, pincode="560001", priority=priority
        )
        for prefix in regions:
            WarehouseRegion.objects.create(
                warehouse=warehouse, prefix=prefix, priority=region_priority
            )
        return warehouse

    def pincode(self, pincode: str, **fields: Any) -> ServiceablePincode:
        """A pincode that is delivered to."""
        fields = {"city": "Bengaluru", "state": "Karnataka"} | fields
        return ServiceablePincode.objects.create(pincode=pincode, **fields)

    def shipping_rule(self, min_order_value: str, fee: str, cod_fee: str = "0") -> ShippingRule:
        """Fees from an order value on."""
        return ShippingRule.objects.create(
            name=f"from {min_order_value}",
            min_order_value=Decimal(min_order_value),
            shipping_fee=Decimal(fee),
            cod_fee=Decimal(cod_fee),
        )

    def user(self, **fields: Any) -> User:
        """A customer with a phone number of their own."""
        return User.objects.create_user(f"+9198{next(_numbers):08d}", **fields)

    @staticmethod
    def customer(user_id: str) -> User:
        """The user with this id."""
        return User.objects.get(id=user_id)

    def staff(self, phone: str = "", **fields: Any) -> User:
        """A member of staff with all permissions."""
        return User.objects.create_superuser(phone or f"+9197{next(_numbers):08d}", **fields)

    def address(self, user: User, **fields: Any) -> Address:
        """An address of the user at 560001 in Karnataka."""
        values = {
            "name": "Asha Rao",
            "phone": "+919800000000",
            "line1": "12 Residency Road",
            "city": "Bengaluru",
            "state": "Karnataka",
            "pincode": "560001",
        }
        return Address.objects.create(user=user, **(values | fields))

    @cached_property
    def category(self) -> Category:
        """The category of products that name none."""
        return Category.objects.create(name="Clothing", slug="clothing", path="/clothing/")

    @cached_property
    def brand(self) -> Brand:
        """The brand of products that name none."""
        return Brand.objects.create(name="Little Kite", slug="little-kite")

    def product(self, **fields: Any) -> Product:
        """An active product without variants."""
        n = next(_numbers)
        values = {
            "slug": f"product-{n}",
            "name": f"Product {n}",
            "brand": fields.get("brand") or self.brand,
            "category": fields.get("category") or self.category,
            "status": "active",
            "hsn_code": "61112000",
            "gst_rate": Decimal("5.00"),
        }
        return Product.objects.create(**(values | fields))

    def variant(
        self,
        price: str = "499.00",
        *,
        mrp: str | None = None,
        stock: int = 10,
        warehouse: Warehouse | None = None,
        product: Product | None = None,
        gst: str = "5.00",
        **fields: Any,
    ) -> Variant:
        """A variant (of a product of its own unless one is given) with stock in one warehouse."""
        n = next(_numbers)
        variant = Variant.objects.create(
            product=product or self.product(gst_rate=Decimal(gst)),
            **(
                {
                    "sku": f"SKU-{n}",
                    "size": f"{n}",
                    "colour": "Red",
                    "price": Decimal(price),
                    "mrp": Decimal(mrp or price),
                }
                | fields
            ),
        )
        if stock:
            self.stock(variant, stock, warehouse)
        return variant

    def stock(self, variant: Variant, quantity: int, warehouse: Warehouse | None = None) -> None:
        """Add stock, with its ledger entry, to the warehouse (the home one unless given)."""
        place = warehouse or self.home
        row, _ = Inventory.objects.get_or_create(variant=variant, warehouse=place)
        row.on_hand += quantity
        row.save()
        StockLedgerEntry.objects.create(
            variant=variant,
            warehouse=place,
            kind="receipt",
            delta=quantity,
            on_hand_after=row.on_hand,
        )

    def coupon(
        self, code: str = "SAVE10", *, scopes: list[Any] | None = None, **fields: Any
    ) -> Coupon:
        """An active coupon, 10 % unless told otherwise; a scope is a category, brand or product."""
        values = {
            "title": code,
            "kind": "percentage",
            "value": Decimal(10),
            "status": "active",
            "starts_at": timezone.now() - timedelta(days=1),
        }
        coupon = Coupon.objects.create(code=code, **(values | fields))
        for scope in scopes or []:
            CouponScope.objects.create(coupon=coupon, **{type(scope).__name__.lower(): scope})
        return coupon

    def inventory(self, variant: Variant, warehouse: Warehouse | None = None) -> tuple[int, int]:
        """(on_hand, reserved) of the variant in the warehouse, the home one unless given."""
        row = Inventory.objects.get(variant=variant, warehouse=warehouse or self.home)
        return row.on_hand, row.reserved

    @staticmethod
    def audit() -> None:
        """Assert that every invariant of the books holds, five minutes granted to the jobs."""
        assert violations(timedelta(minutes=5)) == []

    @staticmethod
    def key() -> str:
        """A fresh idempotency key."""
        return str(uuid.uuid4())
