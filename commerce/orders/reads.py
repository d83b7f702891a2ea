"""Orders and returns as their owners see them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.utils.timezone import localtime

from commerce.core import prepared
from commerce.core.errors import ProblemError
from commerce.orders.models import Order, Return, ReturnItem

TOTALS = {
    "subtotal": "subtotal",
    "discount": "discount",
    "coupon_discount": "coupon_discount",
    "shipping": "shipping_fee",
    "cod_fee": "cod_fee",
    "tax_included": "tax_included",
    "total": "total",
}
LINE_FIELDS = (
    "variant_id",
    "sku",
    "product_slug",
    "name",
    "size",
    "colour",
    "quantity",
    "quantity_returned",
    "hsn_code",
)
LINE_AMOUNTS = (
    "unit_mrp",
    "unit_price",
    "coupon_share",
    "line_total",
    "taxable_value",
    "cgst",
    "sgst",
    "igst",
    "gst_rate",
)
ORDER_FIELDS = (
    "number",
    "status",
    "payment_status",
    "payment_method",
    "version",
    "coupon_code",
)
# What the desk notes about a return or gives as a refund's reason is its own business.
RETURN_FIELDS = ("id", "number", "status", "reason")
RETURN_TIMES = ("created_at", "approved_at", "received_at", "closed_at")
RETURNED_FIELDS = ("order_item_id", "quantity", "condition")
REFUND_FIELDS = ("id", "payment_id", "return_id", "currency", "status")
REFUND_TIMES = ("created_at", "finished_at")


def _pairs(table: str, names: Sequence[str]) -> str:
    """Names and columns as `json_build_object` takes them."""
    return ", ".join(f"'{name}', {table}.{name}" for name in names)


SUMMARY = f"""
SELECT o.id AS order_id, o.placed_at, o.currency,
       {", ".join(f"o.{name}" for name in (*ORDER_FIELDS, *TOTALS.values()))},
       i.id AS line_id, i.image, {", ".join(f"i.{name}" for name in LINE_FIELDS + LINE_AMOUNTS)}
"""
SUMMARIES = f"""{SUMMARY}
FROM orders o JOIN order_items i ON i.order_id = o.id
WHERE o.id = ANY(%(order_ids)s::uuid[])
ORDER BY o.id, i.id
"""
ORDER = f"""{SUMMARY},
       o.shipping_address, o.cancel_reason, o.carrier, o.tracking_number, o.expires_at,
       h.timeline, b.returns, m.refunds
FROM orders o
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'seq', e.seq, 'status', e.to_status, 'at', e.created_at, 'note', e.note
    ) ORDER BY e.seq), '[]') AS timeline
    FROM order_events e WHERE e.order_id = o.id
) h
CROSS JOIN LATERAL (
    SELECT coalesce(json_agg(json_build_object(
        {_pairs("r", RETURN_FIELDS + RETURN_TIMES)},
        'items', (
            SELECT json_agg(json_build_object({_pairs("u", RETURNED_FIELDS)}) ORDER BY u.id)
            FROM return_items u WHERE u.return_id = r.id
        )
    ) ORDER BY r.created_at, r.id)::text, '[]') AS returns
    FROM returns r WHERE r.order_id = o.id AND NOT r.is_deleted
) b
CROSS JOIN LATERAL (
    SELECT coalesce(json_agg(json_build_object(
        {_pairs("f", REFUND_FIELDS)}, 'amount', f.amount::text, {_pairs("f", REFUND_TIMES)}
    ) ORDER BY f.created_at, f.id)::text, '[]') AS refunds
    FROM refunds f WHERE f.order_id = o.id AND NOT f.is_deleted
) m
JOIN order_items i ON i.order_id = o.id
WHERE o.id = %(order_id)s::uuid AND NOT o.is_deleted
  AND (%(user_id)s::uuid IS NULL OR o.user_id = %(user_id)s::uuid)
ORDER BY i.id
"""  # noqa: S608 (put together from names of ours)


def orders_of(user_id: UUID) -> QuerySet[Order]:
    """A customer's orders, newest first, without what `summaries` reads of them."""
    own = Order.objects.filter(user_id=user_id, is_deleted=False)
    return own.only("id", "created_at").order_by("-created_at", "-id")


def order_view(order_id: UUID, user_id: UUID | None = None) -> dict[str, Any]:
    """An order with lines, history, returns and refunds as the API shows it, in one statement.

    Amounts are decimal strings and times are ISO 8601: it can be answered as it is. A customer who
    doesn't own the order is told there is none.
    """
    rows = prepared.rows(ORDER, {"order_id": order_id, "user_id": user_id})
    if not rows:
        raise ProblemError("order_not_found")
    order = rows[0]
    return {
        **summary_view(rows),
        "address": json.loads(order["shipping_address"]),
        **{name: order[name] for name in ("cancel_reason", "carrier", "tracking_number")},
        "expires_at": order["expires_at"] and shown_time(order["expires_at"]),
        "timeline": _timed(order["timeline"], ("at",)),
        "returns": _timed(order["returns"], RETURN_TIMES),
        "refunds": _timed(order["refunds"], REFUND_TIMES),
    }


def _timed(rows: str, times: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of a JSON array, with those of their times that there are as the API shows them."""
    return [
        row | {one: shown_time(datetime.fromisoformat(row[one])) for one in times if row[one]}
        for row in json.loads(rows)
    ]


def summaries(orders: Iterable[Order]) -> list[dict[str, Any]]:
    """The orders as a list shows them, in their order."""
    ids = [order.id for order in orders]
    rows = prepared.rows(SUMMARIES, {"order_ids": ids}) if ids else []
    shown = {one: summary_view(list(lines)) for one, lines in groupby(rows, itemgetter("order_id"))}
    return [shown[one] for one in ids]


def summary_view(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One order from its rows, of which there is one for each line."""
    order = rows[0]
    sums = {name: str(order[column]) for name, column in TOTALS.items()}
    return {
        "id": order["order_id"],
        **{name: order[name] for name in ORDER_FIELDS},
        "placed_at": shown_time(order["placed_at"]),
        "items": [line_view(row) for row in rows],
        "totals": {**sums, "currency": order["currency"]},
    }


def shown_time(moment: datetime) -> str:
    """A time as the API shows all times: ISO 8601 in the shop's own zone."""
    return localtime(moment).isoformat()


def line_view(line: dict[str, Any]) -> dict[str, Any]:
    """A line as bought."""
    image = line["image"]
    return {
        **{name: line[name] for name in LINE_FIELDS},
        "id": line["line_id"],
        "image": settings.CDN_BASE_URL + image if image else None,
        **{name: str(line[name]) for name in LINE_AMOUNTS},
    }


def return_detail(return_id: UUID) -> Return:
    """A return with its items."""
    found = (
        Return.objects.filter(id=return_id)
        .prefetch_related(Prefetch("items", ReturnItem.objects.order_by("id")))
        .first()
    )
    if found is None:
        raise ProblemError("return_not_found")
    return found
