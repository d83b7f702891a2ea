"""Writes `docs/api.md` from the OpenAPI document."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from commerce.core.api_page import api_page


class Command(BaseCommand):
    """`manage.py api_docs`, part of `make docs`."""

    help = "Write docs/api.md from the OpenAPI document."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Replaces the page."""
        path = settings.BASE_DIR / "docs" / "api.md"
        path.write_text(api_page(), encoding="utf-8")
        self.stdout.write("docs/api.md is written.")
