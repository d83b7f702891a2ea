"""Checks the books: one line for each row that breaks an invariant, and then a failure."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from commerce.audit.models import Trigger
from commerce.audit.promises import invariants
from commerce.audit.runs import Audit, audit, recorded_audit


def seconds(text: str) -> timedelta:
    """A grace time given in whole seconds, none or more."""
    if not text.isdecimal():
        raise ArgumentTypeError(f"{text!r} is not a number of seconds.")
    return timedelta(seconds=int(text))


class Command(BaseCommand):
    """`manage.py audit [--json] [--grace SECONDS] [--no-record]`; changes none of the books."""

    help = "Check every invariant of stock, prices, coupons, orders and payments; change nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How to print, and how long a job may leave undone what is due."""
        parser.add_argument("--json", action="store_true", help="print one JSON document")
        parser.add_argument(
            "--grace",
            type=seconds,
            metavar="SECONDS",
            help="how long a job may leave undone what is due; such a run is not recorded",
        )
        parser.add_argument(
            "--no-record", action="store_true", help="leave the run out of the admin's history"
        )

    def handle(self, *_args: Any, grace: timedelta | None, **options: Any) -> None:
        """Prints what is wrong; CommandError, and so a non-zero exit, when anything is."""
        recorded = grace is None and not options["no_record"]
        done = recorded_audit(Trigger.COMMAND) if recorded else audit(grace)
        if options["json"]:
            self._print_json(done)
        else:
            self._print_lines(done)
        if done.found:
            broken = len({one.invariant for one in done.found})
            raise CommandError(f"audit: {len(done.found)} rows break {broken} invariants")
        if not options["json"]:
            self.stdout.write(f"audit: {len(invariants())} invariants hold")

    def _print_json(self, done: Audit) -> None:
        document = {
            "invariants": [one.name for one in invariants()],
            "seconds": round(done.seconds, 3),
            "counts": done.counts,
            "violations": [one._asdict() for one in done.found],
        }
        self.stdout.write(json.dumps(document, default=str, indent=2))

    def _print_lines(self, done: Audit) -> None:
        remedies = {one.name: one.remedy for one in invariants()}
        for one in done.found:
            remedy = remedies[one.invariant]
            self.stdout.write(f"{one.invariant}: {one.table} {one.id}: {one.detail} -> {remedy}")
