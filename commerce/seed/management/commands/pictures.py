"""`manage.py pictures`: draws the pictures of the made-up shop among the static files."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from commerce.seed.pictures import draw


class Command(BaseCommand):
    """Draws what is missing; the same pictures serve a shop of any size."""

    help = "Draw the pictures of the made-up shop into STATIC_ROOT/pictures."

    def handle(self, *args: Any, **options: Any) -> None:
        """Draw, and tell how many pictures are new."""
        self.stdout.write(f"{draw(settings.STATIC_ROOT / 'pictures')} pictures drawn")
