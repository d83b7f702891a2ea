"""The made-up past holds together: no invariant broken, no stamp out of order, nobody bothered."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F, Q

from commerce.accounts.models import User
from commerce.audit.invariants import violations
from commerce.catalog.models import Category, Product, Variant
from commerce.core.models import OutboxMessage, SagaStep
from commerce.coupons.models import Coupon
from commerce.inventory.models import StockLedgerEntry, StockReservation
from commerce.orders.models import Order, OrderEvent
from commerce.payments.models import Payment
from commerce.seed.world import World
from commerce.shipping.models import ServiceablePincode, WarehouseRegion


def test_no_invariant_is_broken(world: World) -> None:
    assert violations(timedelta(0)) == []


def test_the_shop_has_what_was_asked_for(world: World) -> None:
    assert Product.objects.count() == 40
    assert User.objects.filter(is_staff=False).count() == 15
    assert {path.count("/") - 1 for path in Category.objects.values_list("path", flat=True)} == {
        1,
        2,
        3,
    }
    assert set(Coupon.objects.values_list("kind", flat=True)) == {
        "percentage",
        "flat",
        "free_shipping",
        "buy_x_get_y",
    }
    served = set(WarehouseRegion.objects.values_list("prefix", flat=True))
    assert served == {str(digit) for digit in range(1, 9)}
    assert ServiceablePincode.objects.count() == 161
    assert ServiceablePincode.objects.filter(cod_allowed=False).exists()


def test_prices_and_taxes_are_plausible(world: World) -> None:
    assert not Variant.objects.filter(Q(price__lt=99) | Q(price__gt=5000)).exists()
    assert set(Product.objects.values_list("gst_rate", flat=True)) <= {5, 18}
    assert not Product.objects.exclude(hsn_code__regex=r"^\d{8}$").exists()


def test_orders_lie_in_the_past_and_all_over_the_month(world: World) -> None:
    placed = sorted(Order.objects.values_list("placed_at", flat=True))

    assert len(placed) >= 8
    assert world.opening <= placed[0] < placed[-1] < world.now
    assert placed[-1] - placed[0] > timedelta(days=14)


def test_numbers_follow_the_month_of_the_order(world: World) -> None:
    numbers = list(Order.objects.order_by("placed_at").values_list("number", flat=True))

    assert {number[:7] for number in numbers} <= {"KS2602-", "KS2603-"}
    assert numbers == sorted(numbers)


def test_no_stamp_is_out_of_order(world: World) -> None:
    assert not Order.objects.filter(
        Q(confirmed_at__lt=F("placed_at"))
        | Q(shipped_at__lt=F("confirmed_at"))
        | Q(delivered_at__lt=F("shipped_at"))
        | Q(updated_at__lt=F("created_at"))
        | Q(updated_at__gt=world.now)
    ).exists()
    for order in Order.objects.all():
        stamps = [event.created_at for event in order.events.order_by("seq")]
        assert stamps == sorted(stamps)
    ledger = StockLedgerEntry.objects.order_by("seq").values_list("created_at", flat=True)
    assert list(ledger) == sorted(ledger)


def test_each_step_took_its_time(world: World) -> None:
    shipped = OrderEvent.objects.filter(to_status="out_for_delivery")
    assert shipped.exists()
    for event in shipped:
        before = OrderEvent.objects.get(order_id=event.order_id, seq=event.seq - 1)
        on_the_road = event.created_at - before.created_at
        assert timedelta(hours=18) <= on_the_road <= timedelta(hours=101)


def test_holds_and_attempts_lived_as_long_as_real_ones(world: World) -> None:
    for hold in StockReservation.objects.all():
        assert hold.expires_at - hold.created_at < timedelta(minutes=11)
        assert hold.ended_at is None or hold.created_at <= hold.ended_at <= world.now
    for attempt in Payment.objects.exclude(provider="cod"):
        assert attempt.expires_at is not None
        assert attempt.expires_at - attempt.created_at < timedelta(minutes=31)


def test_nothing_is_left_to_be_done_or_told(world: World) -> None:
    assert set(OutboxMessage.objects.values_list("status", flat=True)) == {"delivered"}
    assert set(SagaStep.objects.values_list("status", flat=True)) == {"done"}


def test_customers_joined_before_they_ordered(world: World) -> None:
    assert not Order.objects.filter(user__created_at__gt=F("placed_at")).exists()
