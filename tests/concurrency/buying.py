"""Many customers with full carts, and the whole purchase of one, by the shop's own workflows."""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.db.models import Sum
from django.utils import timezone

from commerce.accounts.models import Address, User
from commerce.cart import workflows as checkout
from commerce.cart.holding import hold_alone
from commerce.cart.models import Cart, CartItem, Quote
from commerce.catalog.models import Variant
from commerce.core.procedures import Result
from commerce.inventory.models import StockLedgerEntry
from commerce.orders import workflows as orders
from commerce.payments import workflows as payments
from commerce.payments.models import Payment
from commerce.payments.providers import ProviderEvent

PRICE = Decimal("499.00")
ONE_PRICE = str(PRICE)


def customers(number: int) -> list[Address]:
    """The addresses of so many customers."""
    users = User.objects.bulk_create(
        [User(phone=f"+9190{n:08d}", password="!") for n in range(number)]
    )
    where = {"city": "Bengaluru", "state": "Karnataka", "pincode": "560001"}
    who = {"name": "Asha Rao", "phone": "+919800000000", "line1": "12 Residency Road"}
    return Address.objects.bulk_create([Address(user=user, **who, **where) for user in users])


def fill(buyers: list[Address], *variants: Variant) -> None:
    """One unit of each variant in the cart of each buyer, added in this order."""
    carts = Cart.objects.bulk_create([Cart(user_id=one.user_id) for one in buyers])
    for variant in variants:
        now = timezone.now()
        CartItem.objects.bulk_create(
            [
                CartItem(
                    cart=cart, variant=variant, quantity=1, seen_price=variant.price, added_at=now
                )
                for cart in carts
            ]
        )


def buy(buyer: Address, total: Decimal = PRICE, method: str = "cod") -> Result:
    """Check out and order what is in the cart; what is paid in cash is sold by that."""
    checkout.check_out(buyer.user_id, buyer.id, method)
    return place(buyer, total, method)


def place(buyer: Address, total: Decimal, method: str = "online") -> Result:
    """Order what was checked out."""
    return orders.place(
        buyer.user_id,
        address_id=buyer.id,
        payment_method=method,
        expected_total=total,
        key={},
    )


def buy_as_quoted(buyer: Address, method: str = "cod") -> Result:
    """Check out and order what is in the cart, at the total that the checkout shows."""
    held = checkout.check_out(buyer.user_id, buyer.id, method)
    return place(buyer, Quote.objects.get(kind="cart", owner_id=held.cart_id).total, method)


def buy_and_pay(buyer: Address, total: Decimal) -> Result:
    """The whole purchase of what is in the cart, paid online.

    Its stock is held by a call of its own, since sessions of one process would share one.
    """
    checkout.validate({"p_user_id": buyer.user_id}, buyer.id, "online")
    hold_alone(buyer.user_id)
    placed = place(buyer, total)
    attempt = payments.start_attempt(placed.order_id, buyer.user_id, "sandbox", {})
    return payments.settle(payments.record("sandbox", capture(attempt), "webhook"))


def capture(attempt: Result | Payment) -> ProviderEvent:
    """What the provider says when an attempt was paid."""
    return ProviderEvent(
        event_id=f"evt_{uuid.uuid4().hex}",
        kind="payment.captured",
        raw="{}",
        provider_order_id=attempt.provider_order_id,
        provider_payment_id=f"pay_{uuid.uuid4().hex}",
        amount=attempt.amount,
        currency=attempt.currency,
    )


def sold(variant: Variant) -> int:
    """The units that left as sales, by the ledger."""
    sales = StockLedgerEntry.objects.filter(variant=variant, kind="sale")
    return -(sales.aggregate(Sum("delta"))["delta__sum"] or 0)
