"""`create_order`: what allowed the coupon or the cash at checkout must still hold at the order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from commerce.accounts.models import User
from commerce.core.procedures import ProcedureError
from commerce.coupons.models import Coupon, CouponUsage
from commerce.orders import workflows
from commerce.orders.models import Order
from tests.procedures.order_calls import last_number, ordering, still_open
from tests.shop.builder import Shop
from tests.shop.refusals import refusal

NAME = "create_order"


def paused() -> None:
    Coupon.objects.update(status="paused")


def ended() -> None:
    Coupon.objects.update(ends_at=timezone.now() - timedelta(seconds=1))


def minimum_raised() -> None:
    Coupon.objects.update(min_subtotal=Decimal("5000.00"))


@pytest.mark.parametrize("change", [paused, ended, minimum_raised])
def test_coupon_that_no_longer_takes_effect_is_not_used_up(
    shop: Shop, change: Callable[[], None]
) -> None:
    # given a cart with a coupon that stops after checkout, and a buyer who agrees to the new total
    shop.coupon("SAVE10")
    cart = shop.checked_out({shop.variant("499.00"): 2}, coupon="SAVE10")
    change()
    number = last_number("order_number_seq")

    said = refusal(NAME, **ordering(shop, cart, p_expected_total=Decimal("998.00")))

    assert said == ("checkout_stale", 409, {"reason": "coupon"})
    assert still_open(cart)
    assert CouponUsage.objects.get().status == "reserved"
    assert last_number("order_number_seq") == number


def test_cash_is_refused_to_a_customer_who_lost_it_since_checkout(shop: Shop) -> None:
    cart = shop.checked_out({shop.variant(): 1}, method="cod")
    User.objects.update(cod_allowed=False)

    said = refusal(NAME, **ordering(shop, cart))

    assert said == ("cod_not_allowed", 422, {"reason": "customer"})
    assert still_open(cart)


def test_customer_without_cash_still_pays_online(shop: Shop) -> None:
    cart = shop.checked_out({shop.variant(): 1}, user=shop.user(cod_allowed=False))

    made = shop.create_order(cart)

    assert Order.objects.get().id == made.order_id


def test_cash_above_the_maximum_is_refused(shop: Shop) -> None:
    cart = shop.checked_out({shop.variant("499.00"): 2}, method="cod")
    number = last_number("order_number_seq")

    said = refusal(NAME, **ordering(shop, cart, p_cod_max_total=Decimal("997.99")))

    figures = {"maximum": "997.99", "total": "998.00"}
    assert said == ("cod_limit_exceeded", 422, figures)
    assert still_open(cart)
    assert last_number("order_number_seq") == number


def test_maximum_is_the_one_that_is_set_when_the_order_is_placed(
    shop: Shop, settings: Settings
) -> None:
    cart = shop.checked_out({shop.variant("499.00"): 2}, method="cod")
    asked = ordering(shop, cart)
    settings.COD_MAX_TOTAL = Decimal("500.00")

    with pytest.raises(ProcedureError, match="cod_limit_exceeded"):
        workflows.place(
            asked["p_user_id"],
            address_id=asked["p_address_id"],
            payment_method="cod",
            expected_total=asked["p_expected_total"],
            key={},
        )


@pytest.mark.parametrize(
    ("method", "maximum"), [("cod", "998.00"), ("cod", None), ("online", "1.00")]
)
def test_maximum_concerns_only_cash_above_it(shop: Shop, method: str, maximum: str | None) -> None:
    cart = shop.checked_out({shop.variant("499.00"): 2}, method=method)

    shop.create_order(cart, p_cod_max_total=maximum and Decimal(maximum))

    assert Order.objects.get().total == Decimal("998.00")
