"""`create_order`: each way the checkout it is asked for is out of date."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from commerce.accounts.models import Address
from commerce.cart.models import Cart, CartItem
from commerce.coupons.models import CouponUsage
from commerce.inventory.models import StockReservation
from commerce.orders.models import Order
from commerce.shipping.models import ServiceablePincode, WarehouseRegion
from tests.procedures.order_calls import (
    last_number,
    ordering,
    still_open,
)
from tests.shop.builder import Shop
from tests.shop.refusals import refusal

NAME = "create_order"


def test_buyer_without_an_open_cart_has_none(shop: Shop) -> None:
    cart = shop.checked_out({shop.variant(): 1})
    shop.create_order(cart)

    again = refusal(NAME, **ordering(shop, cart))

    assert again == ("cart_not_found", 404, {"user_id": str(cart.user_id)})
    assert Order.objects.count() == 1


def test_erased_buyer_cannot_order(shop: Shop) -> None:
    cart = shop.checked_out({shop.variant(): 1})
    assert cart.user is not None
    type(cart.user).objects.update(status="erased")

    assert refusal(NAME, **ordering(shop, cart))[:2] == ("cart_not_found", 404)


def test_empty_cart_is_refused(shop: Shop) -> None:
    cart = shop.checked_out({shop.variant(): 1})
    CartItem.objects.update(is_deleted=True)

    said = refusal(NAME, **ordering(shop, cart))

    assert said == ("cart_empty", 409, {"cart_id": str(cart.id)})


def change_version(shop: Shop, cart: Cart) -> dict[str, Any]:
    shop.add(CartItem.objects.get().variant, user=cart.user)
    return {}


def other_address(shop: Shop, cart: Cart) -> dict[str, Any]:
    assert cart.user is not None
    return {"p_address_id": shop.address(cart.user).id}


def strangers_address(shop: Shop, cart: Cart) -> dict[str, Any]:
    return {"p_address_id": shop.address(shop.user()).id}


def deleted_address(_shop: Shop, _cart: Cart) -> dict[str, Any]:
    Address.objects.update(is_deleted=True)
    return {}


def address_moved_out_of_reach(shop: Shop, _cart: Cart) -> dict[str, Any]:
    shop.pincode("110001", city="New Delhi", state="Delhi")
    Address.objects.update(pincode="110001")
    return {}


def pincode_no_longer_served(_shop: Shop, _cart: Cart) -> dict[str, Any]:
    ServiceablePincode.objects.update(is_serviceable=False)
    return {}


def region_withdrawn(_shop: Shop, _cart: Cart) -> dict[str, Any]:
    WarehouseRegion.objects.update(is_deleted=True)
    return {}


def other_method(_shop: Shop, _cart: Cart) -> dict[str, Any]:
    return {"p_payment_method": "cod"}


def hold_released(_shop: Shop, _cart: Cart) -> dict[str, Any]:
    StockReservation.objects.update(status="released")
    return {}


def hold_of_fewer(_shop: Shop, _cart: Cart) -> dict[str, Any]:
    StockReservation.objects.update(quantity=1)
    return {}


def hold_too_many(shop: Shop, cart: Cart) -> dict[str, Any]:
    now = timezone.now()
    StockReservation.objects.create(
        cart=cart,
        variant=shop.variant(),
        warehouse=shop.home,
        quantity=1,
        cart_version=cart.version,
        first_held_at=now,
        expires_at=now + timedelta(minutes=5),
    )
    return {}


def hold_past(_shop: Shop, _cart: Cart) -> dict[str, Any]:
    StockReservation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    return {}


def variant_inactive(_shop: Shop, _cart: Cart) -> dict[str, Any]:
    type(CartItem.objects.get().variant).objects.update(status="inactive")
    return {}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (change_version, "version"),
        (other_address, "address"),
        (strangers_address, "address"),
        (deleted_address, "address"),
        (address_moved_out_of_reach, "address"),
        (pincode_no_longer_served, "address"),
        (region_withdrawn, "address"),
        (other_method, "payment_method"),
        (hold_released, "holds"),
        (hold_of_fewer, "holds"),
        (hold_too_many, "holds"),
        (hold_past, "expired"),
        (variant_inactive, "unavailable"),
    ],
)
def test_checkout_out_of_date_is_refused(shop: Shop, change: Any, reason: str) -> None:
    cart = shop.checked_out({shop.variant(): 2})
    changed = change(shop, cart)

    said = refusal(NAME, **ordering(shop, cart, **changed))

    assert said == ("checkout_stale", 409, {"reason": reason})
    assert still_open(cart)


def test_cash_is_refused_where_the_pincode_no_longer_takes_it(shop: Shop) -> None:
    cart = shop.checked_out({shop.variant(): 2}, method="cod")
    ServiceablePincode.objects.update(cod_allowed=False)

    said = refusal(NAME, **ordering(shop, cart))

    assert said == ("checkout_stale", 409, {"reason": "address"})


def test_other_total_than_the_agreed_one_is_refused_with_both(shop: Shop) -> None:
    variant = shop.variant("499.00", mrp="999.00")
    cart = shop.checked_out({variant: 2})
    agreed = ordering(shop, cart)
    type(variant).objects.update(price=Decimal("510.50"))
    number = last_number("order_number_seq")

    said = refusal(NAME, **agreed)

    figures = {"expected": "998.00", "actual": "1021.00", "difference": "23.00"}
    assert said == ("quote_changed", 409, figures)
    assert still_open(cart)
    assert last_number("order_number_seq") == number


@pytest.mark.parametrize(
    "lost",
    [
        {"status": "rolled_back"},
        {"expires_at": timezone.now() - timedelta(seconds=1)},
    ],
)
def test_lost_coupon_slot_is_refused(shop: Shop, lost: dict[str, Any]) -> None:
    coupon = shop.coupon("SAVE10")
    cart = shop.checked_out({shop.variant(): 2}, coupon="SAVE10")
    CouponUsage.objects.update(**lost)
    number = last_number("order_number_seq")

    said = refusal(NAME, **ordering(shop, cart))

    assert said == ("coupon_slot_lost", 409, {"coupon_id": str(coupon.id)})
    assert still_open(cart)
    assert last_number("order_number_seq") == number


def test_unknown_user_has_no_cart(shop: Shop) -> None:
    cart = shop.checked_out({shop.variant(): 1})
    unknown = uuid.uuid4()

    said = refusal(NAME, **ordering(shop, cart, p_user_id=unknown))

    assert said == ("cart_not_found", 404, {"user_id": str(unknown)})


def test_order_that_costs_nothing_is_refused(shop: Shop) -> None:
    shop.coupon("ALL", kind="flat", value=Decimal(500))
    cart = shop.checked_out({shop.variant("499.00"): 1}, coupon="ALL")
    number = last_number("order_number_seq")

    said = refusal(NAME, **ordering(shop, cart) | {"p_expected_total": Decimal("0.00")})

    assert said == ("nothing_to_pay", 422, {"total": "0.00"})
    assert still_open(cart)
    assert last_number("order_number_seq") == number
