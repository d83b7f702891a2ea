"""The audit as a whole: nothing to say of right books, one line per row of wrong ones, no write."""

from __future__ import annotations

import io
import json
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.utils import InternalError
from django.utils import timezone

from commerce.audit import invariants as audited
from commerce.audit.invariants import violations
from commerce.audit.promises import invariants
from commerce.core.procedures import call
from commerce.inventory.models import Inventory
from commerce.orders.models import Order, Return
from commerce.payments.models import Payment, Refund
from tests.shop.builder import Shop

NAMES = {
    "captures_are_booked",
    "captures_have_a_home",
    "coupon_shares_add_up",
    "coupon_slots_end_with_orders",
    "coupon_uses_within_limits",
    "coupons_are_used",
    "events_settle",
    "holds_end_in_time",
    "line_taxes_add_up",
    "mismatches_are_seen",
    "on_hand_equals_ledger",
    "one_kept_capture",
    "order_history_is_legal",
    "order_totals_add_up",
    "orders_are_paid",
    "outbox_moves",
    "payment_status_follows_money",
    "refunds_have_a_ground",
    "refunds_move",
    "refunds_within_capture",
    "reserved_equals_holds",
    "restored_within_sold",
    "saga_moves",
    "sold_equals_consumed",
    "steps_have_their_time",
    "stock_follows_order",
    "stock_within_bounds",
    "unpaid_lines_are_held",
    "unpaid_orders_end",
}


def audit(*options: str) -> str:
    """What `manage.py audit` prints; CommandError when it fails."""
    out = io.StringIO()
    call_command("audit", *options, stdout=out)
    return out.getvalue()


def refunded(shop: Shop, refund_id: uuid.UUID) -> None:
    """The provider has paid the refund out."""
    refund = Refund.objects.get(id=refund_id)
    shop.settle(
        shop.event(
            refund.payment,
            "refund.processed",
            p_refund_id=refund.id,
            p_amount=refund.amount,
            p_provider_refund_id=f"rf_{refund.id.hex}",
        )
    )


def returned(shop: Shop, order: Order) -> Return:
    """One unit of each line comes back, is put on the shelf again and paid back."""
    made = call(
        "request_return",
        p_order_id=order.id,
        p_user_id=order.user_id,
        p_items=[{"order_item_id": str(one.id), "quantity": 1} for one in order.items.all()],
        p_reason="too small",
        p_window_days=15,
    )
    for status in ("approved", "received"):
        call(
            "update_return_status",
            p_return_id=made.return_id,
            p_to=status,
            p_actor_id=None,
            p_actor_kind="system",
        )
    call("restore_inventory", p_return_id=made.return_id)
    refunded(shop, call("initiate_refund", p_return_id=made.return_id).refund_id)
    return Return.objects.get(id=made.return_id)


def cancelled(shop: Shop, order: Order) -> None:
    """The order is cancelled and everything undone."""
    call("cancel_order", p_order_id=order.id, p_actor_kind="staff", p_reason="", p_line_max=10)
    call("release_inventory", p_order_id=order.id, p_reason="cancelled")
    call("restore_inventory", p_order_id=order.id)
    call("rollback_coupon", p_order_id=order.id, p_reason="cancelled")


def test_books_are_right_after_every_journey(shop: Shop) -> None:
    shop.coupon("SAVE10")
    shop.shipping_rule("0", "49.00", cod_fee="20.00")
    shirt, shoes = shop.variant("333.33", stock=50), shop.variant("100.00", stock=50, gst="18.00")
    lines = {shirt: 3, shoes: 2}

    shop.cart(shop.user(), lines)
    shop.checked_out(lines, coupon="SAVE10")
    returned(shop, shop.delivered(lines, coupon="SAVE10"))
    shop.delivered({shoes: 1}, method="cod", coupon="SAVE10")
    refused = shop.placed({shirt: 1}, method="cod")
    for status in ("packed", "shipped", "returned_to_origin"):
        shop.move(refused, status)
    call("restore_inventory", p_order_id=refused.id)
    cancelled(shop, shop.placed({shirt: 1}, coupon="SAVE10"))
    paid = shop.paid(lines, coupon="SAVE10")
    cancelled(shop, paid)
    refunded(shop, call("initiate_refund", p_order_id=paid.id).refund_id)

    shop.audit()


def test_books_are_right_after_late_and_double_payments(shop: Shop) -> None:
    late = shop.placed({shop.variant("10.00"): 1})
    attempt = shop.attempt(late)
    cancelled(shop, late)
    shop.settle(shop.event(attempt))
    twice = shop.paid({shop.variant("10.00"): 1})
    shop.settle(shop.event(Payment.objects.get(order=twice), p_provider_payment_id="pay_other"))
    odd = shop.attempt(shop.placed({shop.variant("10.00"): 1}))
    shop.settle(shop.event(odd, p_amount=Decimal("1.00")))
    shop.audit()

    for payment in Payment.objects.filter(disposition="refund_due"):
        refunded(shop, call("initiate_refund", p_payment_id=payment.id).refund_id)
    Payment.objects.update(captured_at=timezone.now() - timedelta(hours=1))

    assert Payment.objects.filter(disposition="refund_due").count() == 3
    shop.audit()


def test_right_books_are_told_in_one_line(shop: Shop) -> None:
    shop.variant("10.00", stock=5)

    assert audit() == f"audit: {len(NAMES)} invariants hold\n"


def test_each_wrong_row_is_one_line_and_the_command_fails(shop: Shop) -> None:
    stock = Inventory.objects.get(variant=shop.variant("10.00", stock=5))
    Inventory.objects.update(reserved=1)
    out = io.StringIO()

    with pytest.raises(CommandError, match="audit: 1 rows break 1 invariants"):
        call_command("audit", stdout=out)

    assert out.getvalue() == (
        f"reserved_equals_holds: inventory {stock.id}: reserved 1, active holds 0 -> compare the "
        "row with its active holds; release the hold that should have ended.\n"
    )


def test_json_names_the_invariants_and_the_rows(shop: Shop) -> None:
    stock = Inventory.objects.get(variant=shop.variant("10.00", stock=5))
    clean = json.loads(audit("--json"))
    assert clean.pop("seconds") > 0
    assert clean == {
        "invariants": sorted(NAMES),
        "counts": dict.fromkeys(NAMES, 0),
        "violations": [],
    }
    Inventory.objects.update(on_hand=6)
    out = io.StringIO()

    with pytest.raises(CommandError):
        call_command("audit", "--json", stdout=out)

    broken = json.loads(out.getvalue())
    assert broken["counts"] == dict.fromkeys(NAMES, 0) | {"on_hand_equals_ledger": 1}
    assert broken["violations"] == [
        {
            "invariant": "on_hand_equals_ledger",
            "table": "inventory",
            "id": str(stock.id),
            "detail": "on hand 6, ledger 5",
        }
    ]


def test_grace_is_what_the_caller_grants(shop: Shop) -> None:
    cart = shop.checked_out({shop.variant("10.00"): 1})
    cart.holds.update(expires_at=timezone.now() - timedelta(seconds=60))

    assert audit("--grace", "90") == f"audit: {len(NAMES)} invariants hold\n"
    with pytest.raises(CommandError):
        audit("--grace", "30")


@pytest.mark.parametrize("grace", ["-1", "soon", "1.5"])
def test_grace_that_is_no_number_of_seconds_is_refused(shop: Shop, grace: str) -> None:
    with pytest.raises(CommandError, match="is not a number of seconds"):
        audit(f"--grace={grace}")


def test_time_without_a_database_is_no_jobs_fault(shop: Shop, settings: Any) -> None:
    cart = shop.checked_out({shop.variant("10.00"): 1})
    cart.holds.update(expires_at=timezone.now() - timedelta(days=2))

    settings.AUDIT_GRACE_SECONDS = 86_400  # the test's own server is younger than that
    assert violations() == []
    settings.AUDIT_GRACE_SECONDS = 0
    assert [one.invariant for one in violations()] == ["holds_end_in_time"]


def test_audit_sees_one_snapshot_and_cannot_write(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    variant = shop.variant("10.00", stock=5)
    writes = invariants()[0]._replace(
        sql="UPDATE inventory SET on_hand = 0 RETURNING '', '', id, ''"
    )
    shows = writes._replace(sql="SELECT '', '', NULL, current_setting('transaction_isolation')")

    monkeypatch.setattr(audited, "invariants", lambda: (shows,))
    assert violations()[0].detail == "repeatable read"
    monkeypatch.setattr(audited, "invariants", lambda: (writes,))
    with pytest.raises(InternalError, match="read-only transaction"):
        violations()

    assert shop.inventory(variant) == (5, 0)
    assert connection.get_autocommit() is True


def test_every_invariant_tells_its_promise_and_its_remedy() -> None:
    assert {one.name for one in invariants()} == NAMES
    for one in invariants():
        assert one.promise.endswith(".")
        assert one.remedy.endswith(".")
        assert f"SELECT '{one.name}' AS invariant" in one.sql
