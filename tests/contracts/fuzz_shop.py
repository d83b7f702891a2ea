"""A small shop whose ids a fuzzer knows, with something of every kind in every state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.core.management import call_command
from django.db.models import Model

from commerce.accounts.models import LoginSession, User
from commerce.accounts.tokens import issue
from commerce.catalog.models import Product, Variant
from commerce.core.procedures import call
from commerce.orders.models import Order
from commerce.payments.models import Payment
from commerce.payments.providers.sandbox import sign
from tests.shop.builder import Shop

Words = dict[str, list[str]]
SPARES = 5


@dataclass(frozen=True)
class Known:
    """Who asks, and what they know the ids of."""

    customer: str
    staff: str
    leaving: str
    words: Words


def stock_up(shop: Shop) -> Known:
    """Fill the shop; the customer has orders in every state, the staff may do everything."""
    variants = [shop.variant(price, stock=500) for price in ("499.00", "799.00", "1299.00")]
    sold_out = shop.variant("99.00", stock=0)
    shop.coupon("SAVE10")
    shop.shipping_rule("0", "79.00", "49.00")
    shop.pincode("700001", city="Kolkata", state="West Bengal", cod_allowed=False)
    customer, leaving = shop.user(), shop.user()
    staff = shop.staff()
    orders = bought(shop, customer, variants)
    returns = [sent_back(customer, orders["delivered"])]
    cart = shop.cart(customer, {variants[0]: 1, variants[1]: 2})
    addresses = [shop.address(customer), shop.address(customer, pincode="700001")]
    call_command("shelf", rebuild=True, verbosity=0)
    attempts = Payment.objects.filter(order__user=customer, provider="sandbox")
    words: Words = {
        "orders": ids(orders.values()),
        "order_items": ids(line for order in orders.values() for line in order.items.all()),
        "returns": returns,
        "payments": ids(attempts),
        "addresses": ids(addresses),
        "variants": ids([*variants, sold_out]),
        "skus": [one.sku for one in variants],
        "warehouses": [shop.home.code],
        "products": ids(Product.objects.all()),
        "slugs": [one.slug for one in Product.objects.all()],
        "cart_items": ids(cart.items.all()),
        "coupons": ["SAVE10", "save10", "NOSUCH"],
        "pincodes": ["560001", "700001", "110001"],
        "phones": [str(leaving.phone), "+919812345678"],
        "refreshes": [issue(leaving)["refresh"] for _ in range(SPARES)],
        "sessions": sessions(leaving),
        "provider_orders": [str(one.provider_order_id) for one in attempts],
        "signatures": [sign(f"{one.provider_order_id}|sbx_pay_1".encode()) for one in attempts],
        "provider_payments": ["sbx_pay_1"],
    }
    mine, theirs, gone = (issue(one)["access"] for one in (customer, staff, leaving))
    return Known(mine, theirs, gone, words)


def bought(shop: Shop, customer: User, variants: list[Variant]) -> dict[str, Order]:
    """An order for each state in which something can be done with it."""
    lines = {variants[0]: 2, variants[1]: 1}
    waiting = shop.placed(lines, user=customer)
    shop.attempt(waiting)
    unpaid = shop.placed(lines, user=customer)
    packed = shop.paid(lines, user=customer)
    shop.move(packed, "packed")
    return {
        "waiting": waiting,
        "unpaid": unpaid,
        "paid": shop.paid(lines, user=customer),
        "cash": shop.placed(lines, user=customer, method="cod"),
        "packed": packed,
        "delivered": shop.delivered(lines, user=customer),
        "delivered in cash": shop.delivered(lines, user=customer, method="cod"),
    }


def sent_back(customer: User, order: Order) -> str:
    """The id of a return that the customer has asked for."""
    line = order.items.earliest("id")
    asked = call(
        "request_return",
        p_order_id=order.id,
        p_user_id=customer.id,
        p_items=[{"order_item_id": str(line.id), "quantity": 1}],
        p_reason="too small",
        p_window_days=settings.RETURN_WINDOW_DAYS,
    )
    return str(asked.return_id)


def sessions(user: User) -> list[str]:
    """The ids of the user's logins."""
    return ids(LoginSession.objects.filter(user=user))


def ids(rows: Iterable[Model]) -> list[str]:
    """Their ids as the API shows them."""
    return [str(one.pk) for one in rows]
