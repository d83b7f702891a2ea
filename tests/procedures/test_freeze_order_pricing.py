"""`freeze_order_pricing`: shares and GST to the paisa, once, and never another total."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F, Sum

from commerce.core.models import SagaStep
from commerce.core.procedures import Result, call
from commerce.orders.models import Order, OrderEvent, OrderItem
from commerce.shipping.models import ServiceablePincode
from tests.shop.builder import Shop
from tests.shop.journeys import Lines
from tests.shop.locks import assert_locks, at_once
from tests.shop.refusals import refusal

NAME = "freeze_order_pricing"


def created(shop: Shop, lines: Lines, **options: Any) -> Order:
    """An order whose prices are not fixed yet."""
    return Order.objects.get(id=shop.create_order(shop.checked_out(lines, **options)).order_id)


def split(line: OrderItem) -> tuple[str, ...]:
    """The line's share, total, taxable value, CGST, SGST and IGST."""
    amounts = (line.coupon_share, line.line_total, line.taxable_value)
    return tuple(str(one) for one in (*amounts, line.cgst, line.sgst, line.igst))


def test_order_awaits_payment_at_the_agreed_total(shop: Shop) -> None:
    order = created(shop, {shop.variant("499.00"): 2})

    frozen = call(NAME, p_order_id=order.id)

    order.refresh_from_db()
    assert dict(frozen) == {"total": Decimal("998.00")}
    assert (order.status, order.version, order.total) == (
        "pending_payment",
        2,
        Decimal("998.00"),
    )
    assert order.frozen_at is not None
    event = OrderEvent.objects.get(seq=2)
    assert (event.from_status, event.to_status, event.actor_kind, event.actor_id) == (
        "created",
        "pending_payment",
        "system",
        None,
    )


def test_sale_within_a_state_carries_half_the_tax_each_as_cgst_and_sgst(shop: Shop) -> None:
    order = created(shop, {shop.variant("333.33", gst="12.00"): 3})

    call(NAME, p_order_id=order.id)

    # 999.99 * 12 / 112 = 107.14
    assert split(order.items.get()) == ("0.00", "999.99", "892.85", "53.57", "53.57", "0.00")
    order.refresh_from_db()
    assert order.tax_included == Decimal("107.14")


def test_odd_paisa_of_tax_goes_to_cgst(shop: Shop) -> None:
    order = created(shop, {shop.variant("100.10", gst="5.00"): 1})

    call(NAME, p_order_id=order.id)

    assert split(order.items.get()) == ("0.00", "100.10", "95.33", "2.39", "2.38", "0.00")


def test_sale_to_another_state_carries_igst(shop: Shop) -> None:
    user = shop.user()
    shop.pincode("500001", city="Hyderabad", state="Telangana")
    there = shop.address(user, pincode="500001", city="Hyderabad", state="Telangana")
    order = created(shop, {shop.variant("100.10"): 1}, user=user, address=there)

    call(NAME, p_order_id=order.id)

    assert split(order.items.get()) == ("0.00", "100.10", "95.33", "0.00", "0.00", "4.77")


@pytest.mark.parametrize(
    ("origin", "state"), [("Karnataka", " KARNA taka"), ("Kar nataka ", "KARNATAKA")]
)
def test_states_are_compared_without_case_and_spaces(shop: Shop, origin: str, state: str) -> None:
    type(shop.home).objects.update(state=origin)
    ServiceablePincode.objects.update(state=state)
    order = created(shop, {shop.variant("105.00"): 1})

    call(NAME, p_order_id=order.id)

    assert split(order.items.get()) == ("0.00", "105.00", "100.00", "2.50", "2.50", "0.00")


@pytest.mark.parametrize(
    ("pincode", "typed", "tax"),
    [
        ("560001", "Kerala", ("2.50", "2.50", "0.00")),
        ("500001", "Karnataka", ("0.00", "0.00", "5.00")),
    ],
)
def test_tax_is_split_by_the_state_of_the_pincode_whatever_was_typed(
    shop: Shop, pincode: str, typed: str, tax: tuple[str, ...]
) -> None:
    shop.pincode("500001", city="Hyderabad", state="Telangana")
    user = shop.user()
    there = shop.address(user, pincode=pincode, state=typed)
    order = created(shop, {shop.variant("105.00"): 1}, user=user, address=there)

    call(NAME, p_order_id=order.id)

    assert split(order.items.get())[3:] == tax
    assert order.ship_state == ServiceablePincode.objects.get(pincode=pincode).state
    assert order.shipping_address["state"] == typed


def test_each_line_is_taxed_by_its_own_rate_and_origin(shop: Shop) -> None:
    delhi = shop.warehouse("DEL", state="Delhi", regions=("5",), region_priority=20)
    near, far = shop.variant("105.00"), shop.variant("112.00", gst="12.00", warehouse=delhi)
    order = created(shop, {near: 1, far: 2})

    call(NAME, p_order_id=order.id)

    assert split(order.items.get(variant=near)) == (
        "0.00", "105.00", "100.00", "2.50", "2.50", "0.00",
    )  # fmt: skip
    assert split(order.items.get(variant=far)) == (
        "0.00", "224.00", "200.00", "0.00", "0.00", "24.00",
    )  # fmt: skip


def test_coupon_is_split_by_largest_remainder_and_sums_to_the_discount(shop: Shop) -> None:
    shop.coupon("FLAT100", kind="flat", value=Decimal("100.00"))
    order = created(shop, {shop.variant("299.00"): 1 for _ in range(3)}, coupon="FLAT100")

    call(NAME, p_order_id=order.id)

    shares = sorted(str(one.coupon_share) for one in order.items.all())
    assert shares == ["33.33", "33.33", "33.34"]
    order.refresh_from_db()
    assert order.total == Decimal("797.00")


def test_coupon_is_split_over_the_lines_it_was_agreed_for(shop: Shop) -> None:
    toy, frock = shop.variant("200.00"), shop.variant("300.00")
    shop.coupon("TOYS", kind="flat", value=Decimal("50.00"), scopes=[toy.product])
    order = created(shop, {toy: 1, frock: 1}, coupon="TOYS")

    call(NAME, p_order_id=order.id)

    assert {one.variant_id: one.coupon_share for one in order.items.all()} == {
        toy.id: Decimal("50.00"),
        frock.id: Decimal("0.00"),
    }


@pytest.mark.parametrize("fee", ["0", "79.00"])
def test_lines_fees_and_taxes_add_up_over_awkward_prices(shop: Shop, fee: str) -> None:
    shop.shipping_rule("0", fee, "49.00")
    shop.coupon("ODD", value=Decimal("7.77"))
    lines = {
        shop.variant("99.99", gst="18.00"): 7,
        shop.variant("0.01", gst="5.00"): 3,
        shop.variant("1234.57", gst="12.00"): 1,
        shop.variant("33.33", gst="28.00"): 9,
    }
    order = created(shop, lines, method="cod", coupon="ODD")

    call(NAME, p_order_id=order.id)

    order.refresh_from_db()
    sums = order.items.aggregate(
        lines=Sum("line_total"),
        shares=Sum("coupon_share"),
        tax=Sum(F("cgst") + F("sgst") + F("igst")),
    )
    assert sums["lines"] + order.shipping_fee + order.cod_fee == order.total
    assert sums["shares"] == order.coupon_discount > 0
    assert sums["tax"] == order.tax_included > 0
    for line in order.items.all():
        assert line.line_total == line.quantity * line.unit_price - line.coupon_share
        assert line.line_total == line.taxable_value + line.cgst + line.sgst + line.igst


def test_prices_stay_agreed_when_the_catalogue_moves_on(shop: Shop) -> None:
    variant = shop.variant("499.00", mrp="999.00")
    coupon = shop.coupon("SAVE10")
    order = created(shop, {variant: 2}, coupon="SAVE10")
    type(variant).objects.update(price=Decimal("1.00"))
    type(coupon).objects.update(status="ended", value=Decimal(50))

    frozen = call(NAME, p_order_id=order.id)

    assert frozen["total"] == Decimal("898.20")
    assert order.items.get().coupon_share == Decimal("99.80")


def test_online_order_ends_the_workflow(shop: Shop) -> None:
    order = created(shop, {shop.variant(): 1})

    call(NAME, p_order_id=order.id)

    step = SagaStep.objects.get()
    assert (step.step, step.status) == (NAME, "done")
    assert step.finished_at is not None


def test_cash_order_goes_on_to_its_payment(shop: Shop) -> None:
    order = created(shop, {shop.variant(): 1}, method="cod")

    call(NAME, p_order_id=order.id)

    assert SagaStep.objects.get(step=NAME).status == "done"
    step = SagaStep.objects.exclude(step=NAME).get()
    assert (step.kind, step.saga_id, step.step, step.subject_id) == (
        "place",
        order.id,
        "register_payment_attempt",
        order.id,
    )
    assert (step.status, step.payload, step.compensation) == (
        "pending",
        {"provider": "cod"},
        "cancel_order",
    )


def test_freezing_again_answers_the_total_and_changes_nothing(shop: Shop) -> None:
    order = created(shop, {shop.variant("499.00"): 2}, method="cod")
    call(NAME, p_order_id=order.id)
    before = Order.objects.values().get(), list(OrderItem.objects.values())

    again = call(NAME, p_order_id=order.id)

    assert again["total"] == Decimal("998.00")
    assert (Order.objects.values().get(), list(OrderItem.objects.values())) == before
    assert (OrderEvent.objects.count(), SagaStep.objects.count()) == (2, 2)


def test_two_calls_at_once_freeze_once(shop: Shop) -> None:
    order = created(shop, {shop.variant("499.00"): 2})

    answers = at_once(*[lambda: call(NAME, p_order_id=order.id)] * 3)

    totals = [one["total"] for one in answers if isinstance(one, Result)]
    assert totals == [Decimal("998.00")] * 3
    assert OrderEvent.objects.filter(to_status="pending_payment").count() == 1


def test_sum_that_is_not_the_agreed_total_is_refused(shop: Shop) -> None:
    order = created(shop, {shop.variant("499.00"): 2})
    OrderItem.objects.update(unit_price=Decimal("498.99"))

    said = refusal(NAME, p_order_id=order.id)

    assert said == ("pricing_mismatch", 409, {"agreed": "998.00", "computed": "997.98"})
    order.refresh_from_db()
    assert (order.status, order.frozen_at) == ("created", None)
    assert order.items.get().line_total == 0


@pytest.mark.parametrize("was_frozen", [False, True])
def test_cancelled_order_is_not_frozen(shop: Shop, was_frozen: bool) -> None:
    order = created(shop, {shop.variant(): 1})
    if was_frozen:
        call(NAME, p_order_id=order.id)
    call("cancel_order", p_order_id=order.id, p_actor_kind="system", p_reason="test")

    said = refusal(NAME, p_order_id=order.id)

    figures = {"from": "cancelled", "to": "pending_payment", "actor": "system"}
    assert said == ("illegal_transition", 409, figures)


def test_unknown_order_is_not_found(shop: Shop) -> None:
    unknown = uuid.uuid4()

    said = refusal(NAME, p_order_id=unknown)

    assert said == ("order_not_found", 404, {"order_id": str(unknown)})


def test_order_is_locked(shop: Shop) -> None:
    order = created(shop, {shop.variant(): 1})

    assert_locks(order, NAME, p_order_id=order.id)
    assert Order.objects.get().status == "created"
