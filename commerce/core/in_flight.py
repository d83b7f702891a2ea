"""Which keyed requests are under way: known in the database, for no longer than they can be.

A row with a short lease, in a table without a log: it needs no session (connections may be pooled
by transaction) and no Redis, a dead process leaves it for a few seconds, a crash of the server not
at all. It spares a repetition the wait; that a request acts once is the procedure's business.
"""

from __future__ import annotations

import logging
from typing import NamedTuple
from uuid import UUID, uuid4

from django.conf import settings
from django.db import Error, connection

from commerce.core import prepared
from commerce.core.models import IdempotencyKey
from commerce.core.replays import Kept, request_id

logger = logging.getLogger("commerce.idempotency")

ENTER = """
WITH kept AS (
    SELECT fingerprint, procedure, status, body FROM idempotency_keys
    WHERE owner = %(owner)s AND key = %(key)s
), entered AS (
    INSERT INTO requests_in_flight AS other (id, fingerprint, token, expires_at)
    SELECT %(id)s::uuid, %(fingerprint)s::text, %(token)s::uuid,
           clock_timestamp() + make_interval(secs => %(lease)s)
    WHERE %(anew)s OR NOT EXISTS (
        SELECT FROM kept WHERE body IS NOT NULL OR fingerprint <> %(fingerprint)s
    )
    ON CONFLICT (id) DO UPDATE
    SET fingerprint = excluded.fingerprint, token = excluded.token,
        expires_at = excluded.expires_at, updated_at = clock_timestamp()
    WHERE other.expires_at <= clock_timestamp()
    RETURNING id
)
SELECT EXISTS (SELECT FROM entered) AS entered,
       (SELECT fingerprint FROM requests_in_flight WHERE id = %(id)s) AS other,
       kept.fingerprint AS used, kept.procedure, kept.status, kept.body
FROM (VALUES (TRUE)) one LEFT JOIN kept ON TRUE
"""
LEAVE = "DELETE FROM requests_in_flight WHERE id = %s AND token = %s"


class Entered(NamedTuple):
    """What was found at the door: whether we are in, who else is, and what was kept."""

    token: UUID | None
    other: str | None
    used_by: tuple[str, str] | None
    kept: Kept | None


def enter(owner: UUID, key: str, fingerprint: str, *, anew: bool) -> Entered:
    """Be the one request under this key, unless another is, or its answer is kept already.

    `anew` enters although an answer is kept.
    """
    token = uuid4()
    values = {
        "id": request_id(owner, key),
        "owner": owner,
        "key": key,
        "fingerprint": fingerprint,
        "token": token,
        "lease": settings.IDEMPOTENCY_LEASE_SECONDS,
        "anew": anew,
    }
    (found,) = prepared.rows(ENTER, values)
    used, body = found["used"], found["body"]
    final = body is not None and found["status"] is not None
    return Entered(
        token if found["entered"] else None,
        found["other"],
        (used, found["procedure"]) if used is not None else None,
        Kept(used, found["procedure"], found["status"], body.encode()) if final else None,
    )


def kept(owner: UUID, key: str) -> Kept | None:
    """The answer that the database keeps under the key."""
    row = IdempotencyKey.objects.filter(owner=owner, key=key).first()
    if row is None or row.body is None or row.status is None:
        return None
    return Kept(row.fingerprint, row.procedure, row.status, row.body.encode())


def leave(owner: UUID, key: str, token: UUID) -> None:
    """Let others in; what can't be told to the database ends with its lease."""
    try:
        connection.close_if_unusable_or_obsolete()
        with connection.cursor() as cursor:
            cursor.execute(LEAVE, [request_id(owner, key), token])
    except Error as error:
        logger.warning("left to its lease", extra={"error": type(error).__name__})
