"""`manage.py roles`: the groups of the staff, as the settings describe them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from commerce.core.roles import keep_roles


class Command(BaseCommand):
    """Makes or mends one Django group per role; a second run changes nothing."""

    help = "Give each role of the staff exactly the rights that the settings list."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what changed, a line per group."""
        for line in keep_roles(settings.ROLES):
            self.stdout.write(line)
