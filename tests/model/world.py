"""A shop small enough that its customers get into each other's way at every step."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from commerce.catalog.models import Variant
from tests.model.rows import Buyer
from tests.shop.builder import Shop

LINE_MAX = 3
LINES_MAX = 2
COD_MAX = Decimal("1500.00")
PRICES = {"A": Decimal("499.00"), "B": Decimal("333.33"), "C": Decimal("1000.10")}
MRP = Decimal("1299.00")
GST = {"A": "5.00", "B": "12.00", "C": "18.00"}
PLACES = ("BLR", "HYD")  # in the order in which they deliver to the only pincode
STOCK = {("A", "BLR"): 5, ("A", "HYD"): 2, ("B", "BLR"): 2, ("C", "HYD"): 4}
FREE_FROM, SHIPPING, COD_FEE = Decimal(600), Decimal(49), Decimal(25)


@dataclass(frozen=True)
class Terms:
    """What a coupon grants, and how often."""

    kind: str
    value: Decimal
    total_limit: int
    per_user: int
    cap: Decimal | None = None
    minimum: Decimal = Decimal(0)
    only: str = ""
    first_order: bool = False


COUPONS = {
    "TEN": Terms("percentage", Decimal(10), 2, 1, cap=Decimal(60)),
    "FLAT": Terms("flat", Decimal(150), 3, 2, minimum=Decimal(600)),
    "FIRST": Terms("percentage", Decimal(50), 1, 1, only="A", first_order=True),
}


class World:
    """The rows that no procedure makes: catalogue, warehouses, coupons and two customers."""

    def __init__(self) -> None:
        shop = Shop()
        places = {
            "BLR": shop.home,
            "HYD": shop.warehouse("HYD", state="Telangana", regions=("5",), priority=20),
        }
        shop.shipping_rule("0", str(SHIPPING), str(COD_FEE))
        shop.shipping_rule(str(FREE_FROM), "0", str(COD_FEE))
        self.variants: dict[str, Variant] = {}
        for sku, price in PRICES.items():
            variant = shop.variant(str(price), mrp=str(MRP), gst=GST[sku], stock=0, sku=sku)
            self.variants[sku] = variant
        for (sku, place), quantity in STOCK.items():
            shop.stock(self.variants[sku], quantity, places[place])
        for code, terms in COUPONS.items():
            shop.coupon(
                code,
                kind=terms.kind,
                value=terms.value,
                max_discount=terms.cap,
                min_subtotal=terms.minimum,
                total_limit=terms.total_limit,
                per_user_limit=terms.per_user,
                first_order_only=terms.first_order,
                scopes=[self.variants[terms.only].product] if terms.only else [],
            )
        self.staff_id: UUID = shop.staff().id
        self.buyers: list[Buyer] = []
        for _ in range(2):
            user = shop.user()
            self.buyers.append(Buyer(user.id, str(user.phone), shop.address(user).id))
