"""The audit as a job: the books are checked while the shop runs."""

from __future__ import annotations

import logging

from commerce.audit.invariants import violations
from commerce.core.jobs import job

logger = logging.getLogger("commerce.audit")


@job()
def audit_books() -> int:
    """Log each row that breaks an invariant as an error; how many there are."""
    found = violations()
    for one in found:
        logger.error(
            "invariant broken: %s",
            one.invariant,
            extra={"invariant": one.invariant, "table": one.table, "row": str(one.id)}
            | {"explanation": one.detail},
        )
    return len(found)
