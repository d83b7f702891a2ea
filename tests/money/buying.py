"""Takes a basket through the real checkout."""

from __future__ import annotations

from commerce.cart.models import Cart
from commerce.core.procedures import call
from commerce.orders.models import Order
from tests.money.baskets import CODE, Basket
from tests.procedures.order_calls import ordering
from tests.shop.builder import Shop


def checked_out(shop: Shop, basket: Basket, *, local: bool = True) -> Cart:
    """A checked-out cart of the basket, to be brought within the warehouse's state or beyond."""
    shop.pincode("500001", city="Hyderabad", state="Telangana")
    lines = {
        variant: line.quantity
        for variant, line in zip(basket.stand_in(shop), basket.lines, strict=True)
    }
    user = shop.user()
    return shop.checked_out(
        lines,
        user=user,
        address=shop.address(user, pincode="560001" if local else "500001"),
        method=basket.method,
        coupon=CODE if basket.coupon_holds else "",
    )


def delivered(shop: Shop, cart: Cart) -> Order:
    """The cart's order, paid and delivered."""
    order_id = call("create_order", **ordering(shop, cart)).order_id
    call("freeze_order_pricing", p_order_id=order_id)
    order = Order.objects.get(id=order_id)
    if order.payment_method == "cod":
        shop.attempt(order, provider="cod")
    else:
        shop.settle(shop.event(shop.attempt(order)))
    call("decrease_inventory", p_order_id=order_id)
    for status in ("packed", "shipped", "out_for_delivery", "delivered"):
        shop.move(order, status)
    order.refresh_from_db()
    return order
