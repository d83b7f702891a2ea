"""Only approved text reaches the database, all of it or none; what differs is told as drift.

The tests work on a copy of a reviewed procedure and in a schema of their own, which is rolled back.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from commerce.core.models import InstalledProcedure
from commerce.core.reviewed.catalog import installed_routines
from commerce.core.reviewed.drift import drift_report
from commerce.core.reviewed.installer import LOCK_KEY
from tests.gates.copies import SAMPLE, copy_of_sample, replace

pytestmark = pytest.mark.django_db

REVIEWER = "Asha Rao"
BODY = r"^BEGIN"
A_COMMENT = "BEGIN\n    -- another thought"


@pytest.fixture
def sample(tmp_path: Path, settings: Settings, db: None) -> Path:
    """The only file of a procedures folder, and an empty schema to install it into."""
    path = copy_of_sample(tmp_path)
    settings.PROCEDURES_DIR = path.parents[1]
    execute("CREATE SCHEMA scratch", "SET LOCAL search_path = scratch, public")
    InstalledProcedure.objects.all().delete()
    return path


def execute(*statements: str) -> None:
    """Runs SQL behind the command's back."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """The lines that `manage.py procedures …` prints."""
    capsys.readouterr()
    call_command("procedures", *arguments)
    return capsys.readouterr().out.splitlines()


def approve(path: Path) -> None:
    """A person approves the file as it stands."""
    call_command("procedures", "approve", path.stem, "--reviewer", REVIEWER)


def approve_and_install(path: Path) -> None:
    """The way of every change."""
    approve(path)
    call_command("procedures", "install")


def drift() -> list[tuple[str, str]]:
    """Name and kind of every difference."""
    return [(one.name, one.kind) for one in drift_report()]


def test_unapproved_file_is_refused_and_nothing_installed(sample: Path) -> None:
    with pytest.raises(CommandError, match="was never approved"):
        call_command("procedures", "install")
    assert installed_routines() == []


def test_approval_is_recorded_with_digest_reviewer_and_date(sample: Path) -> None:
    approve(sample)
    manifest = json.loads((sample.parents[1] / "manifest.json").read_text(encoding="utf-8"))
    assert list(manifest) == [SAMPLE]
    assert manifest[SAMPLE]["reviewer"] == REVIEWER
    assert manifest[SAMPLE]["date"] == timezone.localdate().isoformat()
    assert len(manifest[SAMPLE]["sha256"]) == 64


def test_text_changed_after_its_approval_is_refused(sample: Path) -> None:
    approve(sample)
    replace(sample, BODY, A_COMMENT)
    with pytest.raises(CommandError, match=f"changed after {REVIEWER} approved it"):
        call_command("procedures", "install")
    assert installed_routines() == []


def test_file_that_breaks_a_rule_cannot_be_approved(sample: Path) -> None:
    replace(sample, r"SET CONSTRAINTS ALL IMMEDIATE;", "")
    with pytest.raises(CommandError, match="1 breaches"):
        approve(sample)
    assert not (sample.parents[1] / "manifest.json").exists()


@pytest.mark.parametrize(
    ("name", "reviewer", "why"),
    [("no_such", REVIEWER, "No file is called no_such"), (SAMPLE, " ", "Name the person")],
)
def test_approval_needs_a_file_and_a_person(
    sample: Path, name: str, reviewer: str, why: str
) -> None:
    with pytest.raises(CommandError, match=why):
        call_command("procedures", "approve", name, "--reviewer", reviewer)


def test_installed_procedure_is_recorded_and_free_of_drift(
    sample: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # given
    approve(sample)
    assert run(capsys, "plan") == [f"{SAMPLE}: install"]
    # when
    assert run(capsys, "install") == [f"{SAMPLE}: install", "1 procedures are installed."]
    # then
    row = InstalledProcedure.objects.get()
    assert (row.name, row.reviewer) == (SAMPLE, REVIEWER)
    assert drift() == []
    assert run(capsys, "drift") == ["The database runs exactly the reviewed files."]


def test_second_installation_changes_nothing(
    sample: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    approve_and_install(sample)
    before = InstalledProcedure.objects.get().installed_at
    assert run(capsys, "plan") == [f"{SAMPLE}: unchanged"]
    assert run(capsys, "install") == ["1 procedures are installed."]
    assert InstalledProcedure.objects.get().installed_at == before


def test_changed_body_replaces_the_old_one(
    sample: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    approve_and_install(sample)
    replace(sample, BODY, A_COMMENT)
    assert drift() == [(SAMPLE, "other body")]
    assert run(capsys, "plan") == [f"{SAMPLE}: replace (refused: not approved)"]
    approve_and_install(sample)
    (routine,) = installed_routines()
    assert "-- another thought" in routine.source
    assert drift() == []


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        (r"\bp_phone text", "p_phone uuid"),
        (r"\bp_ip text", "p_ip text,\n    p_more uuid"),
        (r"INOUT o_\w+ \w+ DEFAULT NULL", "INOUT o_first uuid DEFAULT NULL,\n    …"),
    ],
)
def test_changed_parameters_leave_no_overload(
    sample: Path, capsys: pytest.CaptureFixture[str], pattern: str, replacement: str
) -> None:
    # given
    approve_and_install(sample)
    replace(sample, pattern, replacement)
    replace(sample, r"^-- Out:", "-- Out: o_first")
    assert drift() == [(SAMPLE, "other parameters")]
    # when
    approve(sample)
    assert run(capsys, "install")[0] == f"{SAMPLE}: drop and recreate"
    # then
    assert [one.name for one in installed_routines()] == [SAMPLE]
    assert drift() == []


def test_renamed_parameter_recreates_the_procedure(sample: Path) -> None:
    approve_and_install(sample)
    text = sample.read_text(encoding="utf-8")
    sample.write_text(re.sub(r"\bp_phone\b", "p_number", text), encoding="utf-8")
    assert drift() == [(SAMPLE, "other parameters")]
    approve_and_install(sample)
    assert drift() == []


def test_broken_file_leaves_everything_as_it_was(sample: Path) -> None:
    # given an installed procedure, its changed text, and a file that PostgreSQL refuses
    approve_and_install(sample)
    before = installed_routines()
    replace(sample, BODY, A_COMMENT)
    other = sample.with_name("verify_otp.sql")
    other.write_text(sample.read_text(encoding="utf-8").replace(SAMPLE, other.stem))
    replace(other, r"^DECLARE", "DECLARE\n    v_wrong no_such_table%ROWTYPE;")
    approve(sample)
    approve(other)
    # when
    with pytest.raises(Exception, match="no_such_table"):
        call_command("procedures", "install")
    # then
    assert installed_routines() == before


def test_one_installation_waits_for_another(sample: Path) -> None:
    # given
    approve(sample)
    other = connection.get_new_connection(connection.get_connection_params())
    with other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_KEY])
        execute("SET LOCAL lock_timeout = '100ms'")
        # when, then
        with pytest.raises(OperationalError, match="lock timeout"):
            call_command("procedures", "install")


def test_comment_change_is_drift_of_the_review(sample: Path) -> None:
    approve_and_install(sample)
    replace(sample, r"^-- Keeps:", "-- Keeps: more,")
    assert drift() == [(SAMPLE, "installed from another review")]


def test_missing_procedure_is_drift(sample: Path, capsys: pytest.CaptureFixture[str]) -> None:
    approve(sample)
    assert drift() == [(SAMPLE, "missing")]
    with pytest.raises(CommandError, match="1 differences"):
        run(capsys, "drift")


def test_overload_and_orphan_are_drift_until_they_are_dropped(
    sample: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # given a second form and a stranger, made behind the command's back
    approve_and_install(sample)
    text = sample.read_text(encoding="utf-8")
    execute(text.replace("p_phone text", "p_phone uuid"), text.replace(SAMPLE, "stranger"))
    assert sorted(drift()) == [(SAMPLE, "2 overloads"), ("stranger", "no file")]
    # when
    told = run(capsys, "drop-orphans")
    # then
    assert told[-1] == "2 orphans dropped."
    assert drift() == []
    assert InstalledProcedure.objects.count() == 1


def test_routine_that_is_no_procedure_is_drift(sample: Path) -> None:
    approve_and_install(sample)
    execute("CREATE AGGREGATE twice (integer) (sfunc = int4pl, stype = integer)")
    assert drift() == [("twice", "a function")]
