"""The job that makes the lists follow the catalogue and the stock."""

from __future__ import annotations

from commerce.catalog.following import until
from commerce.catalog.shelf import keeping
from commerce.core.caching.following import follow
from commerce.core.jobs import Tally, job


@job()
def keep_shelf() -> Tally:
    """Copy onto the shelf what has changed since the last run; make it where there is none.

    Then the pages that show it are outdated: a list that was rendered before would be as it was.
    """
    tally = Tally(keeping.catch_up(), 0)
    follow(until)
    return tally
