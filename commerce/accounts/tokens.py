"""Logins and their tokens: opened, rotated with exactly one winner, ended.

The row of the login is the only truth (docs/adr/0015-a-login-is-a-row.md).
"""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from prometheus_client import Counter
from rest_framework_simplejwt.settings import api_settings

from commerce.accounts.minting import Spent, pair, read_refresh
from commerce.accounts.models import LoginSession, SessionEnd, User
from commerce.core.errors import ProblemError

logger = logging.getLogger("commerce.accounts")

REUSED = Counter("refresh_tokens_reused", "Logins ended because a spent refresh token came again.")
NETWORK_BITS = {4: 24, 6: 48}


class Device(NamedTuple):
    """What is known of where a login comes from; `id` is the app's own, and may be missing."""

    id: str = ""
    name: str = ""
    ip: str = ""

    @property
    def hash(self) -> str:
        """SHA-256 hex of the id, empty without one."""
        return hashlib.sha256(self.id.encode()).hexdigest() if self.id else ""

    @property
    def network(self) -> str:
        """The address without the part that tells one household from its neighbours."""
        if not self.ip:
            return ""
        bits = NETWORK_BITS[6 if ":" in self.ip else 4]
        return str(ip_network(f"{self.ip}/{bits}", strict=False))


NOWHERE = Device()


def issue(user: User, device: Device = NOWHERE) -> dict[str, str]:
    """Open a login for a user who has just proved who they are, and answer its first pair."""
    now = timezone.now()
    session = LoginSession.objects.create(
        user=user,
        device_name=device.name,
        device_hash=device.hash,
        network=device.network,
        rotated_at=now,
        expires_at=_expiry(now),
    )
    return pair(session)


def rotate(raw: str, device: Device = NOWHERE) -> dict[str, str]:
    """The next pair for a refresh token, which is spent by it: of several at once, one wins.

    The device that spent it last may ask again for a few seconds, and gets the same pair. Whoever
    else brings a spent token ends the login, since nobody can tell the thief from the owner.
    """
    spent = read_refresh(raw)
    with transaction.atomic():
        session = _locked(spent)
        fresh = session.generation == spent.generation
        if fresh:
            _advance(session, device)
        elif not _asks_again(session, spent, device):
            _end(session, SessionEnd.TOKEN_REUSED)
    if session.ended_at:
        REUSED.inc()
        logger.warning(
            "a spent refresh token came again: its login is ended",
            extra={"session_id": str(session.id), "user_id": str(session.user_id)},
        )
        raise ProblemError("token_reused")
    return pair(session)


def end(raw: str) -> None:
    """Log out: the login of the refresh token is over, and every token of it at once."""
    end_sessions(
        LoginSession.objects.filter(pk=read_refresh(raw).session_id), SessionEnd.LOGGED_OUT
    )


def living(user_id: UUID) -> QuerySet[LoginSession]:
    """The user's logins that are not over."""
    return LoginSession.objects.filter(
        user_id=user_id, ended_at=None, expires_at__gt=timezone.now()
    )


def end_sessions(sessions: QuerySet[LoginSession], reason: SessionEnd) -> int:
    """End those that are not over yet, and answer how many these were."""
    now = timezone.now()
    open_ones = sessions.filter(ended_at=None)
    return open_ones.update(ended_at=now, end_reason=reason, updated_at=now)


def _locked(spent: Spent) -> LoginSession:
    """The login, locked; refused when it is over or its user may not log in any more."""
    rows = LoginSession.objects.select_for_update(of=("self",)).select_related("user")
    session = rows.filter(pk=spent.session_id).first()
    if session is None or not session.user.is_active or session.expires_at <= timezone.now():
        raise ProblemError("token_invalid")
    if session.ended_at:
        reused = session.end_reason == SessionEnd.TOKEN_REUSED
        raise ProblemError("token_reused" if reused else "token_invalid")
    return session


def _advance(session: LoginSession, device: Device) -> None:
    session.generation += 1
    session.rotated_at = timezone.now()
    session.expires_at = _expiry(session.rotated_at)
    session.device_hash = device.hash
    session.network = device.network or session.network
    session.save(
        update_fields=[
            *("generation", "rotated_at", "expires_at"),
            *("device_hash", "network", "updated_at"),
        ]
    )


def _asks_again(session: LoginSession, spent: Spent, device: Device) -> bool:
    """Whether this is the device that won, asking for the answer that it never got."""
    grace = timedelta(seconds=settings.REFRESH_GRACE_SECONDS)
    return (
        spent.generation == session.generation - 1
        and bool(device.hash)
        and device.hash == session.device_hash
        and timezone.now() - session.rotated_at < grace
    )


def _end(session: LoginSession, reason: SessionEnd) -> None:
    session.ended_at = timezone.now()
    session.end_reason = reason
    session.save(update_fields=["ended_at", "end_reason", "updated_at"])


def _expiry(now: datetime) -> datetime:
    lifetime: timedelta = api_settings.REFRESH_TOKEN_LIFETIME
    return now + lifetime
