"""Each workflow, killed before each of its writes and before its answer, ends as if it were not.

A trial prepares the workflow anew, kills the process that takes it, and then lets the client
repeat its request and the jobs run, in either order. What the shop keeps must be what it keeps
after an undisturbed run, to the row.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from commerce.core.models import SagaStep
from tests.crash.aftermath import audit_without_grace, books, difference, let_jobs_finish
from tests.crash.doomed import Answer, MortalWeb, Request, under_another_key
from tests.crash.unattended import JOBS
from tests.crash.workflows import REQUESTS, Workflow, cancel_paid, partial_refund
from tests.journeys.live import wait_until_alive
from tests.shop.builder import Shop
from tests.shop.fixtures import empty_tables
from tests.shop.processes import free_port, running

CLIENT_FIRST, JOBS_FIRST = "the client repeats, then the jobs run", "the jobs run, then the client"
ORDERS = (CLIENT_FIRST, JOBS_FIRST)
EVERY_ORDER = "CRASH_TRIALS" in os.environ  # a bounded run takes them in turns
SOME = ("place cash", "cancel paid")
Books = dict[str, list[Any]]
Disturb = Callable[[MortalWeb, Request, int], None]


@pytest.fixture(scope="module")
def web(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MortalWeb]:
    """A server whose processes can be told to die."""
    port, log = free_port(), tmp_path_factory.mktemp("mortal") / "web.log"
    lease = {"IDEMPOTENCY_LEASE_SECONDS": "0.1"}  # what the dead leave behind is soon over
    with running(log, "tests.crash.mortal", str(port), **lease):
        wait_until_alive(f"http://127.0.0.1:{port}/health/live", log)
        yield MortalWeb(port, log)


def afresh() -> Shop:
    """An empty shop."""
    empty_tables()
    return Shop()


def repeated(web: MortalWeb, request: Request, order: str = CLIENT_FIRST) -> tuple[Answer, Books]:
    """The answer and the books, when the request was repeated and every job has run."""
    if order == JOBS_FIRST:  # all is well without the client, who may never come back
        let_jobs_finish()
        assert audit_without_grace() == []
    answer = web.send(request)
    assert answer is not None
    let_jobs_finish()
    assert web.send(request) == answer, "a repetition was answered otherwise"
    assert audit_without_grace() == []
    return answer, books()


@dataclass(frozen=True)
class Sweep:
    """One workflow, disturbed at one boundary after the other."""

    web: MortalWeb
    workflow: Workflow

    def run(self, disturb: Disturb) -> tuple[str, ...]:
        """Assert that each trial ends as an undisturbed run; answers the boundaries."""
        first, undisturbed = repeated(self.web, self.workflow(afresh()))
        for n, name in enumerate(first.passed, start=1):
            for order in ORDERS if EVERY_ORDER else (ORDERS[n % 2],):
                request = self.workflow(afresh())
                disturb(self.web, request, n)
                answer, disturbed = repeated(self.web, request, order)
                other = difference(undisturbed, disturbed)
                if other and order == JOBS_FIRST:  # they may find work left before the request
                    _, later = repeated(self.web, self.workflow(afresh()), order)
                    other = difference(later, disturbed)
                where = f"before boundary {n} ({name} or its like), then {order}"
                assert (answer.status, other) == (first.status, []), where
                if disturb is kill and order == CLIENT_FIRST:
                    assert answer.states == first.states, where
        return first.passed


def kill(web: MortalWeb, request: Request, n: int) -> None:
    """The process that takes the request dies before the boundary."""
    assert web.send(request, die_before=n) is None


def cut_off(web: MortalWeb, request: Request, n: int) -> None:
    """It loses its connection there; then it says that it can't tell, or repeats by itself."""
    answer = web.send(request, cut_before=n)
    assert answer is not None
    assert answer.status in {200, 201, 204, 503}


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_killed_anywhere_has_one_effect(web: MortalWeb, name: str) -> None:
    workflow, steps = REQUESTS[name]

    assert sorted(Sweep(web, workflow).run(kill)) == sorted(steps.split())


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("name", JOBS)
def test_a_job_killed_anywhere_is_finished_by_the_next(web: MortalWeb, name: str) -> None:
    workflow, steps = JOBS[name]

    assert sorted(Sweep(web, workflow).run(kill)) == sorted(steps.split())


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("name", REQUESTS if EVERY_ORDER else SOME)
def test_a_request_cut_off_anywhere_has_one_effect(web: MortalWeb, name: str) -> None:
    Sweep(web, REQUESTS[name][0]).run(cut_off)


def test_a_client_that_forgets_its_key_is_found_out(shop: Shop, web: MortalWeb) -> None:
    _, undisturbed = repeated(web, partial_refund(shop))
    request = partial_refund(afresh())
    assert web.send(request, die_before=3) is None

    _, doubled = repeated(web, under_another_key(request))

    found = [row for row in difference(undisturbed, doubled) if "refunds" in row]
    assert [row[:9] for row in found] == ["+ refunds"]


def test_a_forgotten_step_is_found_out(shop: Shop, web: MortalWeb) -> None:
    _, undisturbed = repeated(web, cancel_paid(shop))
    request = cancel_paid(afresh())
    assert web.send(request, die_before=2) is None
    SagaStep.objects.filter(status="pending", step="restore_inventory").delete()

    let_jobs_finish()

    assert audit_without_grace() != []
    missing = {row.split()[1] for row in difference(undisturbed, books()) if row[0] == "-"}
    assert {"inventory", "stock_ledger"} <= missing
