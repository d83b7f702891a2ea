"""Writes `docs/errors.md` from the registry of error codes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from commerce.core.errors.page import errors_page


class Command(BaseCommand):
    """`manage.py error_docs`, part of `make docs`."""

    help = "Write docs/errors.md from the registry of error codes."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Replaces the page."""
        path = settings.BASE_DIR / "docs" / "errors.md"
        path.write_text(errors_page(), encoding="utf-8")
        self.stdout.write("docs/errors.md is written.")
