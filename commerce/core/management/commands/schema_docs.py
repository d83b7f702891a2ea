"""Writes `docs/schema.md` from the models."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from commerce.core.schema_page import schema_page


class Command(BaseCommand):
    """`manage.py schema_docs`, part of `make docs`."""

    help = "Write docs/schema.md from the models."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Replaces the page."""
        path = settings.BASE_DIR / "docs" / "schema.md"
        path.write_text(schema_page(), encoding="utf-8")
        self.stdout.write("docs/schema.md is written.")
