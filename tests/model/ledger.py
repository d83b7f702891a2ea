"""The state of the model, and what follows from it without any change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from tests.model.rows import Buyer, Cart, Event, Hold, Order, Payment, Refund, Return, Slot, Step
from tests.model.world import COD_FEE, COUPONS, FREE_FROM, PLACES, PRICES, SHIPPING, STOCK

PAISA = Decimal("0.01")
Refusals = set[str]  # the codes with which a call may be refused; empty: it must succeed


def paise(amount: Decimal) -> Decimal:
    """Rounded half up, as PostgreSQL rounds."""
    return amount.quantize(PAISA, ROUND_HALF_UP)


@dataclass(frozen=True)
class Quote:
    """What lines cost with a coupon and a way to pay."""

    goods: Decimal
    discount: Decimal
    coupon_holds: bool
    total: Decimal


class Ledger:
    """Everything the shop knows. Ended holds and rolled back slots are forgotten."""

    def __init__(self) -> None:
        self.prices = dict(PRICES)
        self.shelved: set[str] = set()
        self.paused: set[str] = set()
        self.on_hand = dict(STOCK)
        self.carts: list[Cart] = []
        self.holds: list[Hold] = []
        self.slots: list[Slot] = []
        self.orders: list[Order] = []
        self.returns: list[Return] = []
        self.events: list[Event] = []
        self.steps: list[Step] = []
        self.contradicted = False  # whether a provider has told what only a person can judge

    @property
    def payments(self) -> list[Payment]:
        """Every payment of every order."""
        return [payment for order in self.orders for payment in order.payments]

    @property
    def refunds(self) -> list[Refund]:
        """Every refund of every payment."""
        return [refund for payment in self.payments for refund in payment.refunds]

    def cart_of(self, who: Buyer | str) -> Cart | None:
        """The open cart of a buyer, or of the guest with this token."""
        mine = (c for c in self.carts if c.status == "open" and who in (c.buyer, c.token))
        return next(mine, None)

    def opened(self, who: Buyer | str) -> Cart:
        """A new open cart."""
        cart = Cart(None, who) if isinstance(who, str) else Cart(who)
        self.carts.append(cart)
        return cart

    def reserved(self, sku: str, place: str) -> int:
        """What all holds there come to, those whose time is over included."""
        return sum(h.quantity for h in self.holds if (h.sku, h.place) == (sku, place))

    def available(self, cart: Cart | None, sku: str) -> int:
        """The most that one warehouse can still promise to this cart."""
        best = 0
        for place in PLACES:
            taken = sum(
                h.quantity
                for h in self.holds
                if (h.sku, h.place) == (sku, place)
                and (h.order or (not h.over and h.cart is not cart))
            )
            best = max(best, self.on_hand.get((sku, place), 0) - taken)
        return best

    def quote(self, lines: Mapping[str, int], coupon: str, method: str) -> Quote:
        """What these lines cost now."""
        goods = sum((q * self.prices[sku] for sku, q in lines.items()), Decimal(0))
        discount, holds = Decimal(0), False
        if coupon:
            terms = COUPONS[coupon]
            base = sum(
                (q * self.prices[sku] for sku, q in lines.items() if terms.only in ("", sku)),
                Decimal(0),
            )
            holds = coupon not in self.paused and goods >= terms.minimum and base > 0
            wanted = terms.value
            if terms.kind == "percentage":
                wanted = paise(base * terms.value / 100)
            discount = min(base, wanted, terms.cap or base) if holds else discount
        shipping = Decimal(0) if goods - discount >= FREE_FROM else SHIPPING
        cash = COD_FEE if method == "cod" else Decimal(0)
        return Quote(goods, discount, holds, goods - discount + shipping + cash)

    def slot_of(self, cart: Cart) -> Slot | None:
        """The slot that the cart has reserved, in time or not."""
        mine = (s for s in self.slots if s.cart is cart and s.status == "reserved")
        return next(mine, None)

    def living_uses(self, coupon: str, cart: Cart) -> list[Slot]:
        """The uses that stand in this cart's way."""
        return [
            slot
            for slot in self.slots
            if slot.coupon == coupon
            and (slot.status != "reserved" or not (slot.over or slot.cart is cart))
        ]

    def limits_reached(self, coupon: str, cart: Cart) -> Refusals:
        """Which limits leave this cart no slot."""
        uses, terms = self.living_uses(coupon, cart), COUPONS[coupon]
        own = sum(slot.buyer is cart.buyer for slot in uses)
        reached = {"coupon_limit_reached"} if len(uses) >= terms.total_limit else set()
        return reached | ({"coupon_user_limit_reached"} if own >= terms.per_user else set())

    def has_ordered(self, buyer: Buyer | None) -> bool:
        """Whether an order of theirs stands."""
        return any(o.buyer is buyer and o.status != "cancelled" for o in self.orders)

    def next_step(
        self, name: str, subject: Order | Payment | Return, saga: object | None = None
    ) -> None:
        """Record what comes next."""
        self.steps.append(Step(name, subject, saga or subject))

    def finish(self, name: str, subject: object) -> None:
        """The step is done."""
        self.steps = [s for s in self.steps if (s.name, s.subject) != (name, subject)]
