"""The state machine of an order, as the rows of `order_status_transitions`."""

from __future__ import annotations

from typing import Any

CUSTOMER, STAFF, SYSTEM = "customer", "staff", "system"

TRANSITIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("created", "pending_payment", (SYSTEM,)),
    ("pending_payment", "confirmed", (SYSTEM,)),
    ("confirmed", "packed", (STAFF, SYSTEM)),
    ("packed", "shipped", (STAFF, SYSTEM)),
    ("shipped", "out_for_delivery", (STAFF, SYSTEM)),
    ("out_for_delivery", "delivered", (STAFF, SYSTEM)),
    ("delivered", "returned", (STAFF, SYSTEM)),
    ("shipped", "returned_to_origin", (STAFF, SYSTEM)),
    ("out_for_delivery", "returned_to_origin", (STAFF, SYSTEM)),
    ("created", "cancelled", (CUSTOMER, STAFF, SYSTEM)),
    ("pending_payment", "cancelled", (CUSTOMER, STAFF, SYSTEM)),
    ("confirmed", "cancelled", (CUSTOMER, STAFF, SYSTEM)),
    ("packed", "cancelled", (CUSTOMER, STAFF, SYSTEM)),
)


def load_transitions(model: Any) -> None:
    """Insert the rows that are missing; `model` may be the historical one of a migration."""
    model.objects.bulk_create(
        [
            model(from_status=source, to_status=target, actor=actor)
            for source, target, actors in TRANSITIONS
            for actor in actors
        ],
        ignore_conflicts=True,
    )
