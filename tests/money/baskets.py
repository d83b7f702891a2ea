"""Carts of all kinds, what they must come to, and the rows that make them real."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from hypothesis import strategies as st

from commerce.cart.models import PaymentMethod
from commerce.catalog.models import Variant
from tests.shop.builder import Shop

NewShop = Callable[[], Shop]
PAISA = Decimal("0.01")
SLABS = st.sampled_from(["0.00", "0.25", "3.00", "5.00", "12.00", "18.00", "28.00"])
EDGES = st.sampled_from([Decimal(0), PAISA, -PAISA, Decimal("9.99"), Decimal("-9.99")])
CODE = "OFFER"


def paise(amount: Decimal) -> Decimal:
    """Rounded half up, as PostgreSQL rounds."""
    return amount.quantize(PAISA, ROUND_HALF_UP)


def rupees(largest: int) -> st.SearchStrategy[Decimal]:
    """Amounts from one paisa on, small ones as often as large ones."""
    return st.one_of(st.integers(1, 300), st.integers(1, largest * 100)).map(
        lambda n: Decimal(n) / 100
    )


@dataclass(frozen=True)
class Line:
    """Units of a variant, and whether a coupon with scopes names its product."""

    price: Decimal
    above: Decimal
    quantity: int
    gst: str
    named: bool

    @property
    def amount(self) -> Decimal:
        """The line before any coupon."""
        return self.price * self.quantity


@dataclass(frozen=True)
class Offer:
    """A coupon; it may ask for a minimum that the goods just reach, or just miss."""

    kind: str
    value: Decimal
    cap: Decimal | None
    above_minimum: Decimal | None
    buy: int
    get: int
    scoped: bool


@dataclass(frozen=True)
class Basket:
    """What somebody might buy, how they pay, and what the shop asks for bringing it.

    `above_free` is by how much the goods, less the coupon, reach the value from which it is free.
    """

    lines: tuple[Line, ...]
    offer: Offer | None
    method: str
    shipping: Decimal
    above_free: Decimal
    cash_fee: Decimal

    @property
    def goods(self) -> Decimal:
        """All lines before any coupon."""
        return sum((line.amount for line in self.lines), Decimal(0))

    @property
    def base(self) -> Decimal:
        """The part of the goods that the coupon is about."""
        offer = self.offer
        if offer is None or offer.kind == "free_shipping":
            return Decimal(0)
        eligible = [line for line in self.lines if line.named or not offer.scoped]
        if offer.kind != "buy_x_get_y":
            return sum((line.amount for line in eligible), Decimal(0))
        units = sorted(line.price for line in eligible for _ in range(line.quantity))
        free = len(units) // (offer.buy + offer.get) * offer.get
        return sum(units[:free], Decimal(0))

    @property
    def minimum(self) -> Decimal:
        """What the goods must come to for the coupon."""
        if self.offer is None or self.offer.above_minimum is None:
            return Decimal(0)
        return max(Decimal(0), self.goods - self.offer.above_minimum)

    @property
    def free_from(self) -> Decimal:
        """The value of goods from which shipping is free."""
        return max(PAISA, self.goods - self.discount - self.above_free)

    @property
    def coupon_holds(self) -> bool:
        """Whether the coupon's terms are met."""
        offer = self.offer
        return (
            offer is not None
            and self.goods >= self.minimum
            and (not offer.scoped or any(line.named for line in self.lines))
        )

    @property
    def discount(self) -> Decimal:
        """What the coupon takes off, exact to the paisa."""
        offer = self.offer
        if offer is None or not self.coupon_holds:
            return Decimal(0)
        wanted = self.base
        if offer.kind == "percentage":
            wanted = paise(self.base * offer.value / 100)
        elif offer.kind == "flat":
            wanted = offer.value
        return min(self.base, wanted, self.base if offer.cap is None else offer.cap)

    @property
    def fees(self) -> Decimal:
        """What is asked besides the goods."""
        free = self.coupon_holds and self.offer and self.offer.kind == "free_shipping"
        reached = self.goods - self.discount >= self.free_from
        shipping = Decimal(0) if free or reached else self.shipping
        return shipping + (self.cash_fee if self.method == "cod" else Decimal(0))

    @property
    def total(self) -> Decimal:
        """What the buyer pays."""
        return self.goods - self.discount + self.fees

    def stand_in(self, shop: Shop) -> list[Variant]:
        """The basket's catalogue, stock, fees and coupon; answers the variant of each line."""
        shop.shipping_rule("0", str(self.shipping), str(self.cash_fee))
        shop.shipping_rule(str(self.free_from), "0", str(self.cash_fee))
        variants = [
            shop.variant(str(line.price), mrp=str(line.price + line.above), gst=line.gst, stock=50)
            for line in self.lines
        ]
        if self.offer:
            named = [v.product for v, line in zip(variants, self.lines, strict=True) if line.named]
            shop.coupon(CODE, **self._terms(self.offer, named or [shop.product()]))
        return variants

    def _terms(self, offer: Offer, named: list[Any]) -> dict[str, Any]:
        return {
            "kind": offer.kind,
            "value": offer.value,
            "max_discount": offer.cap,
            "min_subtotal": self.minimum,
            "buy_quantity": offer.buy,
            "get_quantity": offer.get,
            "scopes": named if offer.scoped else [],
        }


def lines(largest: int) -> st.SearchStrategy[Line]:
    """Lines of up to ten units."""
    return st.builds(
        Line,
        price=rupees(largest),
        above=st.sampled_from([Decimal(0), PAISA, Decimal("99.99")]),
        quantity=st.integers(1, 10),
        gst=SLABS,
        named=st.booleans(),
    )


OFFERS = st.builds(
    Offer,
    kind=st.sampled_from(["percentage", "percentage", "flat", "buy_x_get_y", "free_shipping"]),
    value=st.integers(1, 10_000).map(lambda n: Decimal(n) / 100),
    cap=st.none() | rupees(500),
    above_minimum=st.none() | EDGES,
    buy=st.integers(1, 3),
    get=st.integers(1, 2),
    scoped=st.booleans(),
)


def baskets(largest: int = 5000) -> st.SearchStrategy[Basket]:
    """Baskets of up to five lines."""
    return st.builds(
        Basket,
        lines=st.lists(lines(largest), min_size=1, max_size=5).map(tuple),
        offer=st.one_of(OFFERS, OFFERS.filter(lambda offer: offer.scoped), st.none()),
        method=st.sampled_from(PaymentMethod.values),
        shipping=st.just(Decimal(0)) | rupees(99),
        above_free=EDGES,
        cash_fee=st.just(Decimal(0)) | rupees(49),
    )
