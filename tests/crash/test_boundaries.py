"""Each workflow, killed before each of its writes and before its answer, ends as if it were not.

A trial prepares the workflow anew, kills the process that takes it, and then lets the client
repeat its request and the jobs run, in either order. What the shop keeps must be what it keeps
after an undisturbed run, to the row.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from commerce.core.models import SagaStep
from tests.crash.aftermath import audit_without_grace, books, difference, let_jobs_finish
from tests.crash.doomed import Answer, MortalWeb, Request, under_another_key
from tests.crash.workflows import JOBS, REQUESTS, Workflow, cancel_paid, partial_refund
from tests.journeys.live import wait_until_alive
from tests.shop.builder import Shop
from tests.shop.fixtures import empty_tables
from tests.shop.processes import free_port, running

CLIENT_FIRST, JOBS_FIRST = "the client repeats, then the jobs run", "the jobs run, then the client"
ORDERS = (CLIENT_FIRST, JOBS_FIRST)
EVERY_ORDER = "CRASH_TRIALS" in os.environ  # a bounded run takes them in turns
Books = dict[str, list[Any]]


@pytest.fixture(scope="module")
def web(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MortalWeb]:
    """A server whose processes can be told to die."""
    port, log = free_port(), tmp_path_factory.mktemp("mortal") / "web.log"
    with running(log, "tests.crash.mortal", str(port)):
        wait_until_alive(f"http://127.0.0.1:{port}/health/live", log)
        yield MortalWeb(port, log)


def afresh() -> Shop:
    """An empty shop."""
    empty_tables()
    return Shop()


def repeated(web: MortalWeb, request: Request, order: str = CLIENT_FIRST) -> tuple[Answer, Books]:
    """The answer and the books, when the request was repeated and every job has run."""
    if order == JOBS_FIRST:
        let_jobs_finish()
    answer = web.send(request)
    assert answer is not None
    let_jobs_finish()
    assert web.send(request) == answer, "a repetition was answered otherwise"
    assert audit_without_grace() == []
    return answer, books()


def sweep(web: MortalWeb, workflow: Workflow) -> tuple[str, ...]:
    """Kill the workflow at one boundary after the other; answers what it was killed before."""
    first, undisturbed = repeated(web, workflow(afresh()))
    boundaries = first.passed
    for deadly in range(1, len(boundaries) + 1):
        for order in ORDERS if EVERY_ORDER else (ORDERS[deadly % 2],):
            request = workflow(afresh())
            assert web.send(request, die_before=deadly) is None
            answer, disturbed = repeated(web, request, order)
            where = f"killed before {web.last_death()} (boundary {deadly}), then {order}"
            assert answer.status == first.status, where
            other = difference(undisturbed, disturbed)
            if other and order == JOBS_FIRST:  # they may find other work left before the request
                _, later = repeated(web, workflow(afresh()), order)
                other = difference(later, disturbed)
            assert other == [], where
    return boundaries


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_killed_anywhere_has_one_effect(web: MortalWeb, name: str) -> None:
    workflow, steps = REQUESTS[name]

    assert sorted(sweep(web, workflow)) == sorted(steps.split())


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("name", JOBS)
def test_a_job_killed_anywhere_is_finished_by_the_next(web: MortalWeb, name: str) -> None:
    workflow, steps = JOBS[name]

    assert sorted(sweep(web, workflow)) == sorted(steps.split())


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
