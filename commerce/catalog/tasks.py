"""The job that makes the lists follow the catalogue and the stock."""

from __future__ import annotations

from commerce.catalog.shelf import keeping
from commerce.core.jobs import Tally, job


@job()
def keep_shelf() -> Tally:
    """Copy onto the shelf what has changed since the last run; make it where there is none."""
    return Tally(keeping.catch_up(), 0)
