"""Forgetting a person: what names them goes, what the books need stays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q, Value
from django.db.models.fields.json import KT
from django.db.models.functions import JSONObject
from django.utils import timezone

from commerce.accounts.models import LoginSession, SessionEnd, User, UserStatus
from commerce.accounts.tokens import end_sessions
from commerce.core import replays
from commerce.core.errors import ProblemError
from commerce.core.models import IdempotencyKey

FINISHED = ("delivered", "returned", "cancelled", "returned_to_origin")
FORGET_ANSWERS = "UPDATE idempotency_keys SET body = NULL WHERE id IN"
NAMING = ("name", "phone", "line1", "line2", "city")


@contextmanager
def living(user_id: UUID) -> Iterator[Any]:
    """The user, locked so that no erasure comes between; one who may not log in any more is 401."""
    with transaction.atomic():
        users = User.objects.select_for_update(no_key=True).filter(status=UserStatus.ACTIVE)
        user = users.filter(pk=user_id).first()
        if user is None:
            raise ProblemError("not_authenticated")
        yield user


@transaction.atomic
def erase(user: User) -> None:
    """Erase the user's personal data; ProblemError `erasure_blocked` while an order is under way.

    The user row is locked first, as everything that opens an order locks it: an order that is being
    placed is either seen here, or finds its address gone. Orders keep state and pincode for GST.
    """
    person: Any = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    under_way = person.orders.exclude(status__in=FINISHED).values_list("number", flat=True)
    if numbers := sorted(under_way):
        raise ProblemError("erasure_blocked", context={"orders": numbers})
    person.orders.update(
        shipping_address=JSONObject(
            **{name: Value("") for name in NAMING},
            state=F("ship_state"),
            pincode=F("ship_pincode"),
            kind=KT("shipping_address__kind"),
        )
    )
    person.addresses.update(**dict.fromkeys(NAMING, ""), pincode="", is_deleted=True)
    person.wishlist.all().delete()
    _forget_logins(person)
    person.phone = None
    person.name = person.email = ""
    person.set_unusable_password()
    person.status = UserStatus.ERASED
    person.erased_at = timezone.now()
    person.save()


def _forget_logins(person: User) -> None:
    """End every session, and forget stored answers, staff's too, which hold addresses.

    Login codes and their counters, which hold the phone, end with their own lifetime: forgetting
    them here would let somebody wash off a lock.
    """
    sessions = LoginSession.objects.filter(user=person)
    end_sessions(sessions, SessionEnd.ERASED)
    sessions.update(device_name="", device_hash="", network="")
    orders: Any = person.orders
    answers = Q(owner=person.pk)
    for named in ("id", "returns__id", "refunds__id"):
        answers |= Q(result_id__in=orders.values(named))
    named_sql, values = IdempotencyKey.objects.filter(answers).values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"{FORGET_ANSWERS} ({named_sql}) RETURNING owner, key", values)
        keys = cursor.fetchall()
    transaction.on_commit(lambda: replays.forget(keys))
