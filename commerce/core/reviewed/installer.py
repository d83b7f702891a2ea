"""Puts approved procedures into the database: all of them in one transaction, or none."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.utils import timezone

from commerce.core.models import InstalledProcedure
from commerce.core.reviewed.catalog import Routine, installed_routines
from commerce.core.reviewed.files import ProcedureFile, procedure_files
from commerce.core.reviewed.findings import Finding
from commerce.core.reviewed.manifest import Approval, read_manifest, unapproved

LOCK_KEY = 0x53484F50  # of pg_advisory_xact_lock: one installation at a time


class Unapproved(Exception):
    """Some files are not approved as they stand, so nothing was installed."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = findings


class Action(StrEnum):
    """What installing one file means for this database."""

    INSTALL = "install"
    REPLACE = "replace"
    RECREATE = "drop and recreate"
    KEEP = "unchanged"


class Step(NamedTuple):
    """One file, what is to be done with it, and the routines that must go first."""

    file: ProcedureFile
    action: Action
    dropped: tuple[Routine, ...] = ()


def plan(folder: Path) -> list[Step]:
    """What `install` would do now, file by file."""
    recorded = dict(InstalledProcedure.objects.values_list("name", "sha256"))
    routines = installed_routines()
    return [
        _step(
            file,
            [one for one in routines if one.name == file.name],
            recorded.get(file.name),
        )
        for file in procedure_files(folder)
    ]


def _step(file: ProcedureFile, present: list[Routine], recorded: str | None) -> Step:
    # CREATE OR REPLACE fails on renamed parameters and overloads on retyped ones.
    other = tuple(one for one in present if one.signature != file.signature)
    if other:
        return Step(file, Action.RECREATE, other)
    if not present:
        return Step(file, Action.INSTALL)
    same = present[0].source == file.body and recorded == file.sha256
    return Step(file, Action.KEEP if same else Action.REPLACE)


def install(folder: Path) -> list[Step]:
    """Installs every file of `folder`; raises Unapproved, and then changes nothing."""
    approvals = read_manifest(folder)
    refused = list(unapproved(procedure_files(folder), approvals))
    if refused:
        raise Unapproved(refused)
    with transaction.atomic(using=DEFAULT_DB_ALIAS):
        _lock()
        steps = plan(folder)
        for step in steps:
            _carry_out(step, approvals[step.file.name])
    return steps


def _carry_out(step: Step, approval: Approval) -> None:
    if step.action is Action.KEEP:
        return
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        for routine in step.dropped:
            _drop(routine)
        cursor.execute(step.file.text)
    InstalledProcedure.objects.update_or_create(
        name=step.file.name,
        defaults={
            "sha256": approval.sha256,
            "reviewer": approval.reviewer,
            "reviewed_on": date.fromisoformat(approval.date),
            "installed_at": timezone.now(),
        },
    )


def drop_orphans(folder: Path) -> list[Routine]:
    """Drops procedures without a file, and overloads that differ from their file."""
    wanted = {file.name: file.signature for file in procedure_files(folder)}
    with transaction.atomic(using=DEFAULT_DB_ALIAS):
        _lock()
        orphans = [
            one
            for one in installed_routines()
            if one.is_procedure and wanted.get(one.name) != one.signature
        ]
        for routine in orphans:
            _drop(routine)
        InstalledProcedure.objects.exclude(name__in=wanted).delete()
    return orphans


def _drop(routine: Routine) -> None:
    kind = "PROCEDURE" if routine.is_procedure else "FUNCTION"
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(f"DROP {kind} {routine.identity}")


def _lock() -> None:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_KEY])
