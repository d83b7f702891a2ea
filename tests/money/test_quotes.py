"""A cart's quote is exact to the paisa, whatever is in the cart and whatever its coupon says."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

from hypothesis import given

from commerce.coupons.models import Coupon
from tests.money.baskets import CODE, PAISA, Basket, NewShop, baskets, paise
from tests.money.limits import many
from tests.shop.pricing import cart_of, rows


@many(180)
@given(basket=baskets())
def test_a_quote_is_exact_to_the_paisa(new_shop: NewShop, basket: Basket) -> None:
    shop = new_shop()
    variants = basket.stand_in(shop)
    amounts = {v.id: line for v, line in zip(variants, basket.lines, strict=True)}

    cart = cart_of(
        {v: line.quantity for v, line in zip(variants, basket.lines, strict=True)},
        Coupon.objects.filter(code=CODE).first(),
        payment_method=basket.method,
    )

    quote, shares = shop.quote(cart.id), rows(cart)
    mrp = sum((line.quantity * (line.price + line.above) for line in basket.lines), Decimal(0))
    assert (quote["subtotal"], quote["discount"]) == (mrp, mrp - basket.goods)
    assert (quote["items_total"], quote["coupon_discount"]) == (basket.goods, basket.discount)
    assert (quote["shipping"] + quote["cod_fee"], quote["total"]) == (basket.fees, basket.total)
    assert quote["coupon_holds"] is basket.coupon_holds
    assert sum(row["coupon_share"] for row in shares) == basket.discount
    if basket.coupon_holds:
        assert sum(row["coupon_base"] for row in shares) == basket.base
    for row in shares:
        line = amounts[row["variant_id"]]
        assert 0 <= row["coupon_share"] <= row["coupon_base"] <= line.amount
        if row["coupon_base"]:
            exact = basket.discount * row["coupon_base"] / basket.base
            assert row["coupon_share"] - exact.quantize(PAISA, ROUND_DOWN) in (0, PAISA)
        assert row["line_total"] == line.amount - row["coupon_share"]
        gst = Decimal(line.gst)
        assert row["tax"] == paise(row["line_total"] * gst / (100 + gst))
    assert quote["tax_included"] == sum(row["tax"] for row in shares)
