"""Compares what the database runs with what was reviewed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from commerce.core.models import InstalledProcedure
from commerce.core.reviewed.catalog import Routine, installed_routines
from commerce.core.reviewed.files import ProcedureFile, procedure_files
from commerce.core.reviewed.signature import procedures_dir


class Drift(NamedTuple):
    """One difference between the database and the reviewed files."""

    name: str
    kind: str
    next_step: str

    def __str__(self) -> str:
        return f"{self.name}: {self.kind} -> {self.next_step}"


INSTALL = "run manage.py procedures install"
DROP = "run manage.py procedures drop-orphans"


def drift_report(folder: Path | None = None) -> list[Drift]:
    """Every difference, none when the database runs exactly the reviewed files."""
    files = {file.name: file for file in procedure_files(folder or procedures_dir())}
    routines = installed_routines()
    recorded = dict(InstalledProcedure.objects.values_list("name", "sha256"))
    return [*_of_files(files, routines, recorded), *_of_routines(files, routines)]


def _of_files(
    files: dict[str, ProcedureFile], routines: list[Routine], recorded: dict[str, str]
) -> Iterator[Drift]:
    for name, file in files.items():
        same_name = [one for one in routines if one.name == name]
        fitting = [one for one in same_name if one.signature == file.signature]
        if not same_name:
            yield Drift(name, "missing", INSTALL)
        elif not fitting:
            yield Drift(name, "other parameters", INSTALL)
        elif fitting[0].source != file.body:
            yield Drift(name, "other body", INSTALL)
        elif recorded.get(name) != file.sha256:
            yield Drift(name, "installed from another review", INSTALL)


def _of_routines(files: dict[str, ProcedureFile], routines: list[Routine]) -> Iterator[Drift]:
    for name, count in Counter(one.name for one in routines).items():
        if count > 1:
            yield Drift(name, f"{count} overloads", DROP)
    for one in routines:
        if not one.is_procedure:
            yield Drift(one.name, "a function", "drop it: logic lives in procedures and views")
        elif one.name not in files:
            yield Drift(one.name, "no file", DROP)
