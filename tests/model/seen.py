"""Reads the database as the model states it, and compares the two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import connection

from commerce.audit.invariants import violations
from tests.model.books import Books

GRACE = timedelta(minutes=5)
# A provider that contradicts itself is told to a person for as long as nobody has judged it.
FOR_A_PERSON = frozenset({"mismatches_are_seen", "refunds_move", "captures_have_a_home"})

STOCK = """
SELECT v.sku, w.code, i.on_hand, i.reserved FROM inventory i
JOIN variants v ON v.id = i.variant_id JOIN warehouses w ON w.id = i.warehouse_id
"""
CARTS = """
SELECT c.id, c.status, c.version, c.validated_version, COALESCE(k.code, ''),
       COALESCE(string_agg(format('%s %s', l.quantity, v.sku), ', ' ORDER BY v.sku)
                FILTER (WHERE l.id IS NOT NULL), '')
FROM carts c
LEFT JOIN coupons k ON k.id = c.coupon_id
LEFT JOIN cart_items l ON l.cart_id = c.id AND NOT l.is_deleted
LEFT JOIN variants v ON v.id = l.variant_id
GROUP BY c.id, k.code
"""
HOLDS = """
SELECT h.cart_id, v.sku, w.code, h.quantity, h.order_id FROM stock_reservations h
JOIN variants v ON v.id = h.variant_id JOIN warehouses w ON w.id = h.warehouse_id
WHERE h.status = 'active'
"""
SLOTS = """
SELECT k.code, u.user_id, u.cart_id, u.order_id, u.status FROM coupon_usage u
JOIN coupons k ON k.id = u.coupon_id WHERE u.status <> 'rolled_back'
"""
ORDERS = "SELECT id, status, payment_status, total, version FROM orders"
LINES = """
SELECT i.order_id, i.sku, w.code, i.quantity, i.unit_price, i.line_total, i.quantity_sold,
       i.quantity_restored, i.quantity_returned
FROM order_items i JOIN warehouses w ON w.id = i.warehouse_id
"""
PAYMENTS = """
SELECT id, order_id, provider, amount, status, disposition, COALESCE(captured_amount, 0),
       provider_order_id, provider_payment_id
FROM payments
"""
REFUNDS = "SELECT id, payment_id, return_id, amount, status FROM refunds"
REFUNDED_LINES = "SELECT refund_id, order_item_id, quantity, amount FROM refund_items"
RETURNS = "SELECT id, order_id, status FROM returns"
EVENTS = "SELECT id, outcome FROM payment_events WHERE NOT starts_with(event_id, 'refund:')"
STEPS = "SELECT step, subject_id FROM saga_log WHERE status = 'pending'"
Rows = Iterable[tuple[Any, ...]]


def read(query: str) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def same(query: str, expected: Rows) -> None:
    """Assert that the query's rows are the expected ones, in any order."""
    found, told = Counter(read(query)), Counter(expected)
    assert found == told, f"{query}: found {set(found - told)}, expected {set(told - found)}"


def learn_ids(books: Books) -> None:
    """Give the model the ids of rows that no answer names."""
    for cart in [one for one in books.carts if not one.id.int]:
        owner = f"user_id = '{cart.buyer.id}'" if cart.buyer else f"token_hash = '{cart.token}'"
        cart.id = read(f"SELECT id FROM carts WHERE status = 'open' AND {owner}")[0][0]
    payments, refunds = books.unknown()
    for payment in payments:
        attempt = payment.order.payments.index(payment) + 1
        payment.id = read(
            f"SELECT id FROM payments WHERE order_id = '{payment.order.id}' AND attempt = {attempt}"
        )[0][0]
    for refund in refunds:
        back = f"= '{refund.returned.id}'" if refund.returned else "IS NULL"
        known = {one.id for one in books.refunds}
        made = read(
            f"SELECT id FROM refunds WHERE payment_id = '{refund.payment.id}' "
            f"AND return_id {back} AND amount = {refund.amount} ORDER BY id"
        )
        refund.id = next((row[0] for row in made if row[0] not in known), refund.id)


def compare(books: Books) -> None:
    """Assert that the database says what the model says."""
    learn_ids(books)
    _compare_carts(books)
    _compare_orders(books)
    _compare_money(books)
    same(STEPS, [(step.name, step.subject.id) for step in books.steps])


def audit(books: Books, grace: timedelta = GRACE, *, late: frozenset[str] = frozenset()) -> None:
    """Assert that no invariant is broken, but those which are told to a person or may be late."""
    excused = late | (FOR_A_PERSON if books.contradicted else frozenset())
    found = [one for one in violations(grace) if one.invariant not in excused]
    assert found == [], f"the audit found {found}"


def _compare_carts(books: Books) -> None:
    same(STOCK, [(*key, n, books.reserved(*key)) for key, n in books.on_hand.items()])
    same(
        CARTS,
        [
            (
                cart.id,
                cart.status,
                cart.version,
                cart.validated,
                cart.coupon,
                ", ".join(f"{cart.lines[sku]} {sku}" for sku in sorted(cart.lines)),
            )
            for cart in books.carts
        ],
    )
    same(
        HOLDS,
        [(h.cart.id, h.sku, h.place, h.quantity, h.order and h.order.id) for h in books.holds],
    )
    same(
        SLOTS,
        [(s.coupon, s.buyer.id, s.cart.id, s.order and s.order.id, s.status) for s in books.slots],
    )


def _compare_orders(books: Books) -> None:
    same(ORDERS, [(o.id, o.status, o.paid, o.total, o.version) for o in books.orders])
    same(
        LINES,
        [
            (o.id, i.sku, i.place, i.quantity, i.price, i.total, i.sold, i.restored, i.returned)
            for o in books.orders
            for i in o.lines.values()
        ],
    )
    same(RETURNS, [(one.id, one.order.id, one.status) for one in books.returns])


def _compare_money(books: Books) -> None:
    same(
        PAYMENTS,
        [
            (
                p.id,
                p.order.id,
                p.provider,
                p.amount,
                p.status,
                p.disposition,
                p.captured,
                p.provider_order_id,
                p.provider_payment_id,
            )
            for p in books.payments
        ],
    )
    same(
        REFUNDS,
        [
            (r.id, r.payment.id, r.returned and r.returned.id, r.amount, r.status)
            for r in books.refunds
        ],
    )
    same(
        REFUNDED_LINES,
        [(r.id, line, *paid) for r in books.refunds for line, paid in r.lines.items()],
    )
    same(EVENTS, [(event.id, event.outcome) for event in books.events])
