"""An order's frozen lines are exact to the paisa: totals, coupon shares, GST within."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from commerce.core.procedures import call
from commerce.orders.models import Order
from tests.money.baskets import PAISA, Basket, NewShop, baskets, paise
from tests.money.buying import checked_out
from tests.money.limits import many
from tests.procedures.order_calls import ordering
from tests.shop.refusals import refusal


@many(25)
@given(basket=baskets(largest=1500), local=st.booleans())
def test_a_frozen_order_is_exact_to_the_paisa(
    new_shop: NewShop, settings: Any, basket: Basket, local: bool
) -> None:
    settings.COD_MAX_TOTAL = 10**9
    shop = new_shop()
    cart = checked_out(shop, basket, local=local)
    if basket.total == 0:
        assert refusal("create_order", **ordering(shop, cart))[0] == "nothing_to_pay"
        return

    made = call("create_order", **ordering(shop, cart, p_expected_total=basket.total))
    call("freeze_order_pricing", p_order_id=made.order_id)

    order = Order.objects.get(id=made.order_id)
    lines = list(order.items.all())
    assert (order.total, order.coupon_discount) == (basket.total, basket.discount)
    assert sum(line.line_total for line in lines) + basket.fees == basket.total
    assert sum(line.coupon_share for line in lines) == basket.discount
    assert order.tax_included == sum(line.cgst + line.sgst + line.igst for line in lines)
    for line in lines:
        assert 0 <= line.coupon_share <= line.coupon_base <= line.unit_price * line.quantity
        assert line.line_total == line.unit_price * line.quantity - line.coupon_share
        tax = paise(line.line_total * line.gst_rate / (100 + line.gst_rate))
        assert line.taxable_value + tax == line.line_total
        assert line.cgst + line.sgst + line.igst == tax
        assert (line.igst, abs(line.cgst - line.sgst) <= PAISA) == (0 if local else tax, True)
        assert min(line.cgst, line.sgst, line.igst, line.taxable_value) >= 0


@many(10)
@given(basket=baskets(largest=1500), more=st.sampled_from([PAISA, -PAISA]))
def test_no_order_is_made_at_a_total_that_is_a_paisa_off(
    new_shop: NewShop, settings: Any, basket: Basket, more: Any
) -> None:
    settings.COD_MAX_TOTAL = 10**9
    shop = new_shop()
    cart = checked_out(shop, basket)

    code, _, context = refusal(
        "create_order", **ordering(shop, cart, p_expected_total=basket.total + more)
    )

    assert (code, context["actual"]) == ("quote_changed", str(paise(basket.total)))
    assert not Order.objects.exists()
