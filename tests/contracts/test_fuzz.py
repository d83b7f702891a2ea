"""Every operation is asked, by machine, for more than a person would think of.

`FUZZ_EXAMPLES` says how many examples each operation gets; without it the run is a bounded one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from commerce.audit.invariants import violations
from tests.concurrency.web import serving
from tests.contracts import fuzz
from tests.contracts.fuzz_shop import Known

UNTENDED = timedelta(days=1)  # no job runs here, so what waits for one waits


class Fuzzed(NamedTuple):
    """The running shop, its server's log, and what a fuzzer knows of it."""

    base: str
    log: Path
    known: Known


@pytest.fixture(scope="module")
def fuzzed(known: Known, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    """The shop, served as in production but without rate limits."""
    folder = tmp_path_factory.mktemp("fuzz")
    with serving(folder) as web:
        yield Fuzzed(f"http://127.0.0.1:{web.port}", folder / "web.log", known)


@pytest.mark.parametrize("who", ["nobody", "customer", "staff"])
def test_every_answer_is_as_the_contract_says(fuzzed: Fuzzed, tmp_path: Path, who: str) -> None:
    known = fuzzed.known
    access = {"nobody": None, "customer": known.customer, "staff": known.staff}[who]
    examples = int(os.environ.get("FUZZ_EXAMPLES", "0"))
    run = fuzz.whole(examples) if examples else fuzz.bounded(who)

    found = fuzz.findings(fuzzed.base, known, access, tmp_path, run)

    assert not found, found
    assert list(fuzz.faults(fuzzed.log)) == []
    assert violations(UNTENDED) == []
