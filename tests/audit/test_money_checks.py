"""Each check of prices, coupons and payments finds the row that breaks it, and no other does."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from django.db.models import F

from commerce.core.procedures import call
from commerce.coupons.models import Coupon
from commerce.inventory.models import Inventory
from commerce.orders.models import Order
from commerce.payments.models import Payment, Refund
from tests.audit.conftest import Broken
from tests.audit.corruption import without
from tests.shop.builder import Shop


@pytest.mark.parametrize(
    "change",
    [
        {"subtotal": F("subtotal") + 1, "discount": F("discount") + 1},
        {"subtotal": F("subtotal") + 1, "shipping_fee": F("shipping_fee") - 1},
    ],
)
def test_total_that_is_not_its_lines_is_found(
    order: Order, broken: Broken, change: dict[str, object]
) -> None:
    Order.objects.update(**change)

    assert broken() == [("order_totals_add_up", "orders", order.id)]


def test_total_that_was_never_frozen_is_compared_too(shop: Shop, broken: Broken) -> None:
    cart = shop.checked_out({shop.variant("10.00"): 1})
    order = Order.objects.get(id=shop.create_order(cart).order_id)
    shop.audit()

    order.items.update(unit_price=F("unit_price") + 1)

    assert broken() == [("order_totals_add_up", "orders", order.id)]


def test_order_without_lines_is_found(shop: Shop, broken: Broken) -> None:
    order = shop.placed({shop.variant("10.00"): 1})
    order.holds.all().delete()
    Inventory.objects.update(reserved=0)

    order.items.all().delete()

    assert broken() == [("order_totals_add_up", "orders", order.id)]


def test_shares_that_are_not_the_discount_are_found(order: Order, broken: Broken) -> None:
    item = order.items.order_by("id")[0]

    order.items.filter(id=item.id).update(coupon_share=F("coupon_share") - Decimal("0.01"))

    assert broken() == [("coupon_shares_add_up", "orders", order.id)]


@pytest.mark.parametrize(
    "change",
    [
        {"cgst": F("cgst") + Decimal("0.01")},
        {"taxable_value": F("taxable_value") - 1},
        {"cgst": F("cgst") - Decimal("0.01"), "igst": Decimal("0.01")},
    ],
)
def test_tax_that_does_not_add_up_is_found(
    order: Order, broken: Broken, change: dict[str, object]
) -> None:
    item = order.items.order_by("id")[0]

    order.items.filter(id=item.id).update(**change)

    assert broken() == [("line_taxes_add_up", "orders", order.id)]


@pytest.mark.parametrize("limit", ["total_limit", "per_user_limit"])
def test_coupon_used_beyond_a_limit_is_found(shop: Shop, broken: Broken, limit: str) -> None:
    coupon = shop.coupon("SAVE10")
    user = shop.user()
    for _ in range(2):
        shop.placed({shop.variant("10.00"): 1}, user=user, coupon="SAVE10")
    shop.audit()

    Coupon.objects.update(**{limit: 1})

    assert broken() == [("coupon_uses_within_limits", "coupons", coupon.id)]


def test_stale_slot_does_not_count_as_a_use(shop: Shop, broken: Broken, long_ago: datetime) -> None:
    coupon = shop.coupon("SAVE10", total_limit=1)
    cart = shop.checked_out({shop.variant("10.00"): 1}, coupon="SAVE10")
    Coupon.objects.update(total_limit=0)
    assert broken() == [("coupon_uses_within_limits", "coupons", coupon.id)]

    cart.coupon_usages.update(expires_at=long_ago)

    assert broken() == []


def test_second_kept_capture_is_found(order: Order, broken: Broken) -> None:
    kept = Payment.objects.get(order=order)

    with without("payments", "payments_one_kept"):
        Payment.objects.create(
            order=order,
            provider="sandbox",
            attempt=2,
            amount=kept.amount,
            status="captured",
            disposition="kept",
            captured_amount=kept.amount,
        )

        assert broken() == [("one_kept_capture", "orders", order.id)]


@pytest.mark.parametrize("status", ["initiated", "processing"])
def test_refunds_above_the_capture_are_found(order: Order, broken: Broken, status: str) -> None:
    payment = Payment.objects.get(order=order)
    values = {"payment": payment, "order": order, "provider": "sandbox"}
    Refund.objects.create(amount=payment.amount, status="failed", **values)
    Refund.objects.create(amount=payment.amount, status=status, **values)
    assert broken() == []

    Refund.objects.create(amount=Decimal("0.01"), **values)

    assert broken() == [("refunds_within_capture", "payments", payment.id)]


def test_refund_of_an_open_attempt_is_found(shop: Shop, broken: Broken) -> None:
    payment = shop.attempt(shop.placed({shop.variant("10.00"): 1}))

    Refund.objects.create(
        payment=payment, order=payment.order, provider="sandbox", amount=Decimal("1.00")
    )

    assert broken() == [("refunds_within_capture", "payments", payment.id)]


def test_capture_due_back_without_a_refund_is_found(
    shop: Shop, order: Order, broken: Broken, long_ago: datetime
) -> None:
    shop.settle(shop.event(Payment.objects.get(order=order), p_provider_payment_id="pay_other"))
    further = Payment.objects.get(disposition="refund_due")
    shop.audit()

    Payment.objects.update(captured_at=long_ago)
    assert broken() == [("captures_have_a_home", "payments", further.id)]

    call("initiate_refund", p_payment_id=further.id)
    assert broken() == []


def test_kept_capture_of_a_cancelled_order_is_found(
    shop: Shop, broken: Broken, long_ago: datetime
) -> None:
    order = shop.paid({shop.variant("10.00"): 2})
    call("cancel_order", p_order_id=order.id, p_actor_kind="staff", p_reason="", p_line_max=10)
    call("restore_inventory", p_order_id=order.id)
    Payment.objects.update(captured_at=long_ago)
    shop.audit()

    Order.objects.update(closed_at=long_ago)

    assert broken() == [("captures_have_a_home", "payments", Payment.objects.get().id)]


def test_kept_capture_of_an_unconfirmed_order_is_found(shop: Shop, broken: Broken) -> None:
    order = shop.placed({shop.variant("10.00"): 2})
    payment = shop.attempt(order)
    Order.objects.update(payment_status="paid")

    Payment.objects.update(status="captured", disposition="kept", captured_amount=payment.amount)

    assert broken() == [("captures_have_a_home", "payments", payment.id)]


@pytest.mark.parametrize("status", ["partially_refunded", "refunded"])
def test_payment_status_without_the_money_is_found(
    order: Order, broken: Broken, status: str
) -> None:
    Order.objects.update(payment_status=status)

    assert broken() == [("payment_status_follows_money", "orders", order.id)]


@pytest.mark.parametrize("status", ["unpaid", "cod_due"])
def test_delivered_order_that_says_it_is_not_paid_is_found(
    order: Order, broken: Broken, status: str
) -> None:
    Order.objects.update(payment_status=status)

    assert broken() == [
        ("orders_are_paid", "orders", order.id),
        ("payment_status_follows_money", "orders", order.id),
    ]


@pytest.mark.parametrize(("back", "status"), [("1.00", "partially_refunded"), (None, "refunded")])
def test_refund_that_the_order_does_not_tell_is_found(
    shop: Shop, order: Order, broken: Broken, back: str | None, status: str
) -> None:
    amount = Decimal(back) if back else None
    asked = call("initiate_refund", p_order_id=order.id, p_amount=amount)
    told = {"p_refund_id": asked.refund_id, "p_amount": asked.amount, "p_provider_refund_id": "rf"}
    shop.settle(shop.event(Payment.objects.get(order=order), "refund.processed", **told))
    Order.objects.update(payment_status="paid")
    assert broken() == [("payment_status_follows_money", "orders", order.id)]

    Order.objects.update(payment_status=status)

    assert broken() == []


def test_unpaid_order_that_says_paid_is_found(shop: Shop, broken: Broken) -> None:
    order = shop.placed({shop.variant("10.00"): 1})

    Order.objects.update(payment_status="paid")

    assert broken() == [("payment_status_follows_money", "orders", order.id)]
