"""Ships the stored procedures: nothing but this command installs one."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from commerce.core.reviewed import installer, manifest
from commerce.core.reviewed.check import check_files
from commerce.core.reviewed.drift import drift_report
from commerce.core.reviewed.files import ProcedureFile, procedure_files
from commerce.core.reviewed.findings import Finding
from commerce.core.reviewed.signature import procedures_dir
from commerce.core.reviewed.tree_rules import tree_rules


class Command(BaseCommand):
    """`manage.py procedures check|approve|plan|install|drift|drop-orphans`."""

    help = "Check, approve, install and compare the reviewed stored procedures."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One sub-command for each step from a written file to a running procedure."""
        steps = parser.add_subparsers(dest="step", required=True)
        steps.add_parser("check", help="static rules over every file; no database needed")
        approval = steps.add_parser("approve", help="record that a person reviewed a file")
        approval.add_argument("names", nargs="+", metavar="NAME")
        approval.add_argument("--reviewer", required=True)
        steps.add_parser("plan", help="what install would do now")
        steps.add_parser("install", help="install every approved file in one transaction")
        steps.add_parser("drift", help="compare the database with the files")
        steps.add_parser("drop-orphans", help="drop procedures and overloads without a file")

    def handle(self, *_args: Any, step: str, **options: Any) -> None:
        """Runs one step; CommandError, and so a non-zero exit, when it finds a fault."""
        folder = procedures_dir()
        if step == "approve":
            self.approve(folder, set(options["names"]), options["reviewer"].strip())
        elif step == "check":
            self.check_all(folder)
        else:
            {
                "plan": self.plan,
                "install": self.install,
                "drift": self.drift,
                "drop-orphans": self.drop_orphans,
            }[step](folder)

    def check_all(self, folder: Path) -> None:
        """Every rule over the procedures and over the rest of the tree."""
        files = procedure_files(folder)
        self._report([*check_files(files), *tree_rules(settings.BASE_DIR, folder)], files)

    def _report(self, findings: Iterable[Finding], files: list[ProcedureFile]) -> None:
        """Prints every finding and fails unless all are warnings."""
        findings = list(findings)
        for one in findings:
            self.stdout.write(str(one))
        if breaches := [one for one in findings if not one.is_warning]:
            raise CommandError(f"{len(breaches)} breaches of the procedure rules.")
        self.stdout.write(f"{len(files)} procedures keep every rule.")

    def approve(self, folder: Path, names: set[str], reviewer: str) -> None:
        """Records a reviewer's approval of files that keep the rules."""
        files = procedure_files(folder)
        if unknown := names - {file.name for file in files}:
            raise CommandError(f"No file is called {', '.join(sorted(unknown))}.")
        if not reviewer:
            raise CommandError("Name the person who reviewed the text: --reviewer NAME.")
        chosen = [file for file in files if file.name in names]
        self._report(check_files(chosen), chosen)
        manifest.approve(folder, files, names, reviewer, timezone.localdate())
        self.stdout.write(f"{reviewer} approved {', '.join(sorted(names))}.")

    def plan(self, folder: Path) -> None:
        """Prints what install would do; installs nothing."""
        refused = {one.path for one in self._unapproved(folder)}
        for step in installer.plan(folder):
            note = " (refused: not approved)" if step.file.shown_path in refused else ""
            self.stdout.write(f"{step.file.name}: {step.action}{note}")

    def install(self, folder: Path) -> None:
        """Installs all files or none."""
        try:
            steps = installer.install(folder)
        except installer.Unapproved as error:
            raise CommandError(f"Nothing was installed:\n{error}") from error
        for step in steps:
            if step.action is not installer.Action.KEEP:
                self.stdout.write(f"{step.file.name}: {step.action}")
        self.stdout.write(f"{len(steps)} procedures are installed.")

    def drift(self, folder: Path) -> None:
        """Fails when the database runs anything but the reviewed files."""
        differences = [
            *map(str, drift_report(folder)),
            *map(str, self._unapproved(folder)),
        ]
        for one in differences:
            self.stdout.write(one)
        if differences:
            raise CommandError(f"{len(differences)} differences from the reviewed files.")
        self.stdout.write("The database runs exactly the reviewed files.")

    def drop_orphans(self, folder: Path) -> None:
        """Drops what no file stands behind."""
        dropped = installer.drop_orphans(folder)
        for routine in dropped:
            self.stdout.write(f"dropped {routine.identity}")
        self.stdout.write(f"{len(dropped)} orphans dropped.")

    def _unapproved(self, folder: Path) -> list[Finding]:
        return list(manifest.unapproved(procedure_files(folder), manifest.read_manifest(folder)))
