"""`manage.py shelf`: brings what lists and searches read up to date with the catalogue."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand

from commerce.catalog.shelf import keeping


class Command(BaseCommand):
    """Does at once what the job `keep_shelf` does each second."""

    help = "Bring the product lists up to date; --rebuild makes them anew."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Say whether to trust what is there."""
        parser.add_argument("--rebuild", action="store_true", help="from nothing, in minutes")

    def handle(self, *args: Any, **options: Any) -> None:
        """Tell how many products were copied."""
        count = keeping.rebuild() if options["rebuild"] else keeping.catch_up(wait=True)
        self.stdout.write(f"{count} products copied onto the shelf")
