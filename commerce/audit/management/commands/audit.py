"""Checks the books: one line for each row that breaks an invariant, and then a failure."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from commerce.audit.invariants import violations
from commerce.audit.promises import invariants


def seconds(text: str) -> timedelta:
    """A grace time given in whole seconds, none or more."""
    if not text.isdecimal():
        raise ArgumentTypeError(f"{text!r} is not a number of seconds.")
    return timedelta(seconds=int(text))


class Command(BaseCommand):
    """`manage.py audit [--json] [--grace SECONDS]`; reads only."""

    help = "Check every invariant of stock, prices, coupons, orders and payments; change nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How to print, and how long a job may leave undone what is due."""
        parser.add_argument("--json", action="store_true", help="print one JSON document")
        parser.add_argument("--grace", type=seconds, metavar="SECONDS")

    def handle(self, *_args: Any, grace: timedelta | None, **options: Any) -> None:
        """Prints what is wrong; CommandError, and so a non-zero exit, when anything is."""
        found = violations(grace)
        if options["json"]:
            document = {
                "invariants": [one.name for one in invariants()],
                "violations": [one._asdict() for one in found],
            }
            self.stdout.write(json.dumps(document, default=str, indent=2))
        else:
            remedies = {one.name: one.remedy for one in invariants()}
            for one in found:
                remedy = remedies[one.invariant]
                self.stdout.write(
                    f"{one.invariant}: {one.table} {one.id}: {one.detail} -> {remedy}"
                )
        if found:
            broken = len({one.invariant for one in found})
            raise CommandError(f"audit: {len(found)} rows break {broken} invariants")
        if not options["json"]:
            self.stdout.write(f"audit: {len(invariants())} invariants hold")
