"""Something dies at a random moment while customers buy; what they were told is found, once.

`CRASH_TRIALS` is the number of trials, `CRASH_SEED` repeats a run's choices (not its moments).
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.crash.programs import durable_postgres
from tests.crash.storm import HIT, Storm, storm

TRIALS = int(os.environ.get("CRASH_TRIALS", len(HIT)))
SEED = int(os.environ.get("CRASH_SEED", "1"))


@pytest.fixture(scope="module")
def shop_in_storm(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Storm]:
    """Web server and worker on a PostgreSQL that keeps what it acknowledged."""
    folder = tmp_path_factory.mktemp("storm")
    with (
        django_db_blocker.unblock(),
        durable_postgres(folder / "postgres") as postgres,
        storm(postgres, folder, SEED) as running_storm,
    ):
        yield running_storm


def test_whatever_dies_nothing_is_lost_and_nothing_doubled(
    shop_in_storm: Storm, capsys: pytest.CaptureFixture[str]
) -> None:
    kinds: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    for trial in range(TRIALS):
        kind = list(HIT)[trial % len(HIT)]

        outcome = shop_in_storm.trial(kind)

        kinds[kind] += 1
        counts += outcome.counts
        counts["orders"] += len(outcome.remembered)
        wrong += [f"trial {trial}, {kind}: {one}" for one in outcome.wrong]
    with capsys.disabled():
        sys.stdout.write(f"\n{dict(kinds)} {dict(counts)}\n")
    assert wrong == []
    assert counts["orders"] > TRIALS
