"""What the model remembers of each row, in as few words as a shopkeeper would use."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

NOWHERE = UUID(int=0)


@dataclass(eq=False)
class Buyer:
    """A customer with one address."""

    id: UUID
    phone: str
    address_id: UUID


@dataclass(eq=False)
class Cart:
    """A buyer's cart, or the guest's whose token hash is `token`."""

    buyer: Buyer | None
    token: str = ""
    id: UUID = NOWHERE
    status: str = "open"
    version: int = 1
    validated: int | None = None
    method: str = "online"
    has_address: bool = False
    coupon: str = ""
    lines: dict[str, int] = field(default_factory=dict)


@dataclass(eq=False)
class Hold:
    """Stock set aside for a cart, and for its order once there is one."""

    cart: Cart
    sku: str
    place: str
    quantity: int
    over: bool = False
    order: Order | None = None


@dataclass(eq=False)
class Slot:
    """A living use of a coupon; `status` is reserved, bound or redeemed."""

    coupon: str
    buyer: Buyer
    cart: Cart
    status: str = "reserved"
    over: bool = False
    order: Order | None = None


@dataclass(eq=False)
class OrderLine:
    """A line as bought; `total` is known once the prices are frozen."""

    sku: str
    place: str
    quantity: int
    price: Decimal
    id: UUID = NOWHERE
    total: Decimal = Decimal(0)
    sold: int = 0
    restored: int = 0
    returned: int = 0


@dataclass(eq=False)
class Order:
    """An order with its lines by SKU."""

    cart: Cart
    buyer: Buyer
    method: str
    total: Decimal
    goods: Decimal
    coupon: str
    key: str = ""
    id: UUID = NOWHERE
    status: str = "created"
    paid: str = "unpaid"
    version: int = 1
    over: bool = False
    frozen: bool = False
    lines: dict[str, OrderLine] = field(default_factory=dict)
    payments: list[Payment] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)

    @property
    def kept(self) -> Payment | None:
        """The capture that pays for the order."""
        return next((one for one in self.payments if one.disposition == "kept"), None)


@dataclass(eq=False)
class Payment:
    """An attempt, or a second capture of one."""

    order: Order
    provider: str
    amount: Decimal
    id: UUID = NOWHERE
    status: str = "initiated"
    disposition: str | None = None
    captured: Decimal = Decimal(0)
    over: bool = False
    provider_order_id: str | None = None
    provider_payment_id: str | None = None
    refunds: list[Refund] = field(default_factory=list)

    @property
    def refunded(self) -> Decimal:
        """What is back or on its way back."""
        return sum((r.amount for r in self.refunds if r.status != "failed"), Decimal(0))


@dataclass(eq=False)
class Refund:
    """Money on its way back, with the units and amount of each line it pays for."""

    payment: Payment
    amount: Decimal
    lines: dict[UUID, tuple[int, Decimal]] = field(default_factory=dict)
    returned: Return | None = None
    key: str = ""
    id: UUID = NOWHERE
    status: str = "initiated"


@dataclass(eq=False)
class Return:
    """Units of an order's lines, by SKU, on their way back."""

    order: Order
    units: dict[str, int]
    id: UUID = NOWHERE
    status: str = "requested"
    damaged: frozenset[str] = frozenset()
    restored: bool = False


@dataclass(eq=False)
class Event:
    """A provider's message about a payment or refund."""

    name: str
    kind: str
    amount: Decimal
    payment: Payment | None = None
    refund: Refund | None = None
    provider_order_id: str | None = None
    provider_payment_id: str | None = None
    id: UUID = NOWHERE
    linked: Payment | None = None
    outcome: str = ""

    @property
    def settled(self) -> bool:
        """Whether it was judged; an unmatched one is judged again."""
        return self.outcome not in ("", "unmatched")


@dataclass(eq=False)
class Step:
    """A pending row of `saga_log`."""

    name: str
    subject: Order | Payment | Return
    saga: object
