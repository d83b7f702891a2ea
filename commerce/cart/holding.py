"""Holds the stock of carts: buyers of one moment share one call, which locks a hot row once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections

from commerce.core.procedures import ProcedureError, Result, call
from commerce.core.together import Together


class Held(NamedTuple):
    """Holds equal to the lines at `cart_version`; the first of them ends at `expires_at`."""

    cart_id: UUID
    expires_at: datetime
    cart_version: int


def hold(user_id: UUID) -> Held:
    """Hold the stock of the customer's validated cart, or refuse with all that lacks."""
    if connections[DEFAULT_DB_ALIAS].in_atomic_block:
        return hold_alone(user_id)  # the gateway refuses it there
    outcome = _counter().ask(user_id)
    if isinstance(outcome, ProcedureError):
        raise outcome
    return outcome


@cache
def _counter() -> Together[UUID, Held | ProcedureError]:
    """The queue of this process: like its database connections, it is made on first use."""
    return Together(
        hold_alone,
        _many,
        most=settings.HOLD_BATCH_MAX,
        linger=settings.HOLD_BATCH_LINGER_SECONDS,
        patience=settings.HOLD_BATCH_PATIENCE_SECONDS,
    )


def hold_alone(user_id: UUID) -> Held:
    """Hold by a call for this customer only; a busy cart is waited for."""
    held = _call(p_user_id=user_id)
    return Held(held.cart_id, held.expires_at, held.cart_version)


def _many(user_ids: Sequence[UUID]) -> dict[UUID, Held | ProcedureError]:
    """What became of each; those left out (busy, stale, empty carts) ask again alone."""
    outcomes = _call(p_user_id=None, p_user_ids=list(user_ids)).outcomes or []
    return {UUID(one["user_id"]): _outcome(one) for one in outcomes}


def _outcome(one: dict[str, Any]) -> Held | ProcedureError:
    if "shortfalls" in one:
        short = {"shortfalls": one["shortfalls"]}
        return ProcedureError("insufficient_stock", status=409, context=short)
    return Held(
        UUID(one["cart_id"]), datetime.fromisoformat(one["expires_at"]), one["cart_version"]
    )


def _call(**who: object) -> Result:
    return call(
        "lock_inventory",
        **who,
        p_hold_seconds=settings.HOLD_TTL_SECONDS,
        p_hold_max_seconds=settings.HOLD_MAX_SECONDS,
    )
