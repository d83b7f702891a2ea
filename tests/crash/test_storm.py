"""Something dies at a random moment while customers buy; what they were told is found, once.

`CRASH_TRIALS` is the number of trials, `CRASH_SEED` repeats a run's choices (not its moments).
"""

from __future__ import annotations

import os
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.crash.buyers import Forgetful, Unlucky
from tests.crash.ledger import discrepancies
from tests.crash.programs import durable_postgres
from tests.crash.storm import HIT, NOTHING, Storm, storm

KINDS = [kind for kind in HIT if kind != NOTHING]
TRIALS = int(os.environ.get("CRASH_TRIALS", len(KINDS)))
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
        kind = KINDS[trial % len(KINDS)]

        outcome = shop_in_storm.trial(kind)

        kinds[kind] += 1
        counts += outcome.counts
        counts["orders"] += len(outcome.remembered)
        wrong += [f"trial {trial}, {kind}: {one}" for one in outcome.wrong]
    if "CRASH_TRIALS" in os.environ:
        with capsys.disabled():
            sys.stdout.write(f"\n{TRIALS} trials: {dict(kinds)}\n{dict(counts)}\n")
    assert wrong == []
    assert counts["orders"] > TRIALS


def test_lost_answers_are_asked_for_again_and_double_nothing(shop_in_storm: Storm) -> None:
    outcome = shop_in_storm.trial(NOTHING, Unlucky)

    assert outcome.wrong == []
    assert outcome.counts["broken off"] > len(outcome.remembered) > 0


def test_clients_that_forget_their_keys_are_found_out(shop_in_storm: Storm) -> None:
    outcome = shop_in_storm.trial(NOTHING, Forgetful)

    assert outcome.wrong != []


def test_a_server_that_forgets_what_it_acknowledged_is_found_out(shop_in_storm: Storm) -> None:
    with shop_in_storm.postgres.forgetful():
        outcome = shop_in_storm.trial("PostgreSQL stopped at once", load=1.5)

    assert [one for one in outcome.wrong if one.endswith("found None")] != []


def test_a_doctored_ledger_is_found_out(shop_in_storm: Storm) -> None:
    outcome = shop_in_storm.trial(NOTHING)
    one, *others = outcome.remembered
    stock = shop_in_storm.stock
    assert discrepancies(outcome.remembered, stock) == []
    unit = next(iter(stock))

    assert discrepancies(others, stock)[0].startswith(f"order {one.order_id}: told None")
    for lie in (
        {"order_id": str(uuid.uuid4())},
        {"captured": one.captured + 1},
        {"refunded": one.refunded + 1},
        {"units": {unit: 9}},
        {"status": "packed"},
        {"confirmed": not one.confirmed},
    ):
        assert discrepancies([replace(one, **lie), *others], stock) != [], lie
    assert discrepancies(outcome.remembered, stock | {unit: 1}) != []
