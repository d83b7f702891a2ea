"""Runs are kept; a broken row is told once, again after a day, and when it is in order again."""

from __future__ import annotations

import io
import logging
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from rest_framework.test import APIClient

from commerce.audit import runs
from commerce.audit.models import AuditFinding, AuditRun, Trigger
from commerce.audit.promises import invariants
from commerce.audit.runs import recorded_audit
from commerce.audit.tasks import audit_books, purge_audits
from commerce.inventory.models import Inventory
from tests.shop.builder import Shop

Heard = Callable[[], list[tuple[str, str]]]


@pytest.fixture
def heard(caplog: pytest.LogCaptureFixture) -> Heard:
    """Runs the job and returns the level and the row of each line it logged."""

    def run() -> list[tuple[str, str]]:
        caplog.clear()
        with caplog.at_level(logging.INFO, logger="commerce.audit"):
            audit_books()
        lines = [one for one in caplog.records if one.name == "commerce.audit"]
        return [(one.levelname, one.__dict__["row"]) for one in lines]

    return run


@pytest.fixture
def stock(shop: Shop) -> Inventory:
    """A stock row whose reservation belongs to no hold."""
    made: Inventory = Inventory.objects.get(variant=shop.variant("10.00", stock=5))
    Inventory.objects.update(reserved=1)
    return made


def counts(**broken: int) -> dict[str, int]:
    """The broken rows by invariant, the others without any."""
    return {one.name: 0 for one in invariants()} | broken


def test_job_keeps_its_run_and_what_it_found(stock: Inventory) -> None:
    assert audit_books() == 1

    run = AuditRun.objects.get()
    assert (run.trigger, run.created_by, run.rows) == ("schedule", None, 1)
    assert run.counts == counts(reserved_equals_holds=1)
    assert run.finished_at is not None
    assert run.milliseconds is not None
    finding = AuditFinding.objects.get()
    assert (finding.invariant, finding.table, finding.subject_id, finding.explanation) == (
        "reserved_equals_holds",
        "inventory",
        stock.id,
        "reserved 1, active holds 0",
    )
    assert (finding.last_seen_at, finding.resolved_at) == (run.created_at, None)


def test_run_asked_for_in_the_admin_tells_by_whom(shop: Shop) -> None:
    clerk = shop.staff()

    audit_books(str(clerk.id))

    run = AuditRun.objects.get()
    assert (run.trigger, run.created_by, run.counts) == ("admin", clerk, counts())


def test_broken_row_is_told_with_all_that_an_operator_needs(
    stock: Inventory, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="commerce.audit"):
        audit_books()

    (line,) = [one for one in caplog.records if one.name == "commerce.audit"]
    told = {name: line.__dict__[name] for name in ("invariant", "table", "row", "explanation")}
    assert told == {
        "invariant": "reserved_equals_holds",
        "table": "inventory",
        "row": str(stock.id),
        "explanation": "reserved 1, active holds 0",
    }
    remedy = "compare the row with its active holds; release the hold that should have ended."
    assert (line.__dict__["remedy"], line.__dict__["again"]) == (remedy, False)


def test_row_that_stays_broken_is_told_once_a_day(stock: Inventory, heard: Heard) -> None:
    assert heard() == [("ERROR", str(stock.id))]
    assert heard() == []

    AuditFinding.objects.update(told_at=timezone.now() - timedelta(hours=25))

    assert heard() == [("ERROR", str(stock.id))]
    assert heard() == []
    assert AuditFinding.objects.count() == 1


def test_mended_row_is_told_once_and_anew_when_it_breaks_again(
    stock: Inventory, heard: Heard
) -> None:
    heard()
    Inventory.objects.update(reserved=0)

    assert heard() == [("WARNING", str(stock.id))]
    assert heard() == []
    assert AuditFinding.objects.get().resolved_at is not None

    Inventory.objects.update(reserved=1)

    assert heard() == [("ERROR", str(stock.id))]
    assert AuditFinding.objects.filter(resolved_at=None).count() == 1


def test_second_broken_row_is_told_alone(shop: Shop, stock: Inventory, heard: Heard) -> None:
    heard()
    other = Inventory.objects.get(variant=shop.variant("10.00", stock=5))
    Inventory.objects.filter(id=other.id).update(on_hand=6)

    assert heard() == [("ERROR", str(other.id))]


def test_many_rows_of_one_invariant_are_counted_whole_and_kept_in_part(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, heard: Heard
) -> None:
    monkeypatch.setattr(runs, "KEPT", 2)
    for _ in range(3):
        shop.variant("10.00", stock=5)
    Inventory.objects.update(reserved=1)

    assert len(heard()) == 2

    assert AuditRun.objects.get().counts == counts(reserved_equals_holds=3)
    assert AuditFinding.objects.count() == 2


def test_broken_row_for_which_there_is_no_room_is_not_told_as_mended(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, heard: Heard
) -> None:
    monkeypatch.setattr(runs, "KEPT", 2)
    for _ in range(3):
        shop.variant("10.00", stock=5)
    first, second, third = Inventory.objects.order_by("id")
    Inventory.objects.exclude(id=first.id).update(reserved=1)
    assert len(heard()) == 2

    Inventory.objects.filter(id=first.id).update(reserved=1)
    assert heard() == []

    Inventory.objects.filter(id=third.id).update(reserved=0)
    assert heard() == [("ERROR", str(first.id)), ("WARNING", str(third.id))]
    left = AuditFinding.objects.filter(resolved_at=None).values_list("subject_id", flat=True)
    assert set(left) == {first.id, second.id}


def test_run_that_ends_after_a_later_one_changes_no_finding(
    stock: Inventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = runs.audit

    def overtaken() -> Any:
        done = real()
        monkeypatch.setattr(runs, "audit", real)
        Inventory.objects.update(reserved=0)
        recorded_audit(Trigger.SCHEDULE)
        return done

    monkeypatch.setattr(runs, "audit", overtaken)
    recorded_audit(Trigger.SCHEDULE)

    assert [run.rows for run in AuditRun.objects.order_by("created_at")] == [1, 0]
    assert not AuditFinding.objects.exists()


def test_audit_by_hand_is_kept_unless_its_grace_is_its_own(stock: Inventory) -> None:
    for options in (["--no-record"], ["--grace", "60"]):
        with pytest.raises(CommandError):
            call_command("audit", *options, stdout=io.StringIO())
    assert not AuditRun.objects.exists()

    with pytest.raises(CommandError):
        call_command("audit", stdout=io.StringIO())

    assert (AuditRun.objects.get().trigger, AuditFinding.objects.count()) == ("command", 1)


def test_old_runs_and_findings_long_resolved_go(shop: Shop) -> None:
    now = timezone.now()
    for days in (91, 89):
        then = now - timedelta(days=days)
        run = AuditRun.objects.create(trigger="schedule", rows=days)
        AuditRun.objects.filter(id=run.id).update(created_at=then)
        for resolved_at in (then, None):
            AuditFinding.objects.create(
                invariant=f"seen {days}",
                table="orders",
                subject_id=uuid.uuid4(),
                last_seen_at=then,
                resolved_at=resolved_at,
            )

    assert purge_audits() == {"audit_runs": 1, "audit_findings": 1}

    assert AuditRun.objects.get().rows == 89
    left = AuditFinding.objects.order_by("invariant", "resolved_at")
    assert [(one.invariant, one.resolved_at is None) for one in left] == [
        ("seen 89", False),
        ("seen 89", True),
        ("seen 91", True),
    ]


def test_monitor_reads_what_the_last_finished_audit_found(stock: Inventory) -> None:
    def lines() -> list[str]:
        text: str = APIClient().get("/metrics").content.decode()
        return text.splitlines()

    assert not [line for line in lines() if "audit_" in line]
    audit_books()
    AuditRun.objects.update(finished_at="2026-01-02T03:04:05Z", milliseconds=1500)
    AuditRun.objects.create(trigger="schedule")  # one is under way

    told = lines()

    assert 'audit_broken_rows{invariant="reserved_equals_holds"} 1.0' in told
    assert 'audit_broken_rows{invariant="outbox_moves"} 0.0' in told
    assert "audit_completed_timestamp_seconds 1.767323045e+09" in told
    assert "audit_duration_seconds 1.5" in told
