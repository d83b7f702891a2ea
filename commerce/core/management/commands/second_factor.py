"""`manage.py second_factor`: the device of a member of staff, from the machine's own console."""

from __future__ import annotations

import argparse
from io import StringIO
from typing import Any

import segno
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django_otp.plugins.otp_totp.models import TOTPDevice


class Command(BaseCommand):
    """Sets a device up before a person's first login, or forgets a lost one."""

    help = "Set up the second factor of a member of staff, or forget a lost device."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Whose device, and whether to forget it."""
        parser.add_argument("phone", help="as in +919900000001")
        parser.add_argument("--forget", action="store_true", help="the device is lost")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the key as a QR code once, or take the devices away."""
        with transaction.atomic():
            people = get_user_model()._default_manager.select_for_update()
            user = people.filter(phone=options["phone"], is_staff=True).first()
            if user is None:
                raise CommandError(f"{options['phone']} is nobody of the staff")
            devices = TOTPDevice.objects.filter(user=user)
            if options["forget"]:
                count, _ = devices.delete()
                self.stdout.write(f"{count} forgotten; without --forget this sets one up")
                return
            if devices.exists():
                raise CommandError("There is a device already; --forget takes it away.")
            device = TOTPDevice.objects.create(user=user, name="Authenticator")
        self.stdout.write("Scan this with an authenticator app; it is not shown again.")
        drawn = StringIO()
        segno.make(device.config_url, error="m").terminal(out=drawn, compact=True)
        self.stdout.write(drawn.getvalue())
        self.stdout.write(device.config_url)
