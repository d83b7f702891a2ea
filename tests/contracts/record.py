"""Records the document's examples from a made-up shop on servers of its own.

python -m tests.contracts.record
"""

from __future__ import annotations

import os
import tempfile
from datetime import timedelta
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings_test")


def main() -> None:
    """Start servers, make a small shop, tell the story, write what was said."""
    import django
    from django.conf import settings

    from commerce.core import servers

    assert settings.DATABASES, "settings choose the throw-away servers before they start"
    servers.start()
    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import setup_databases, setup_test_environment, teardown_databases
    from django.utils import timezone

    from commerce.accounts.models import User
    from commerce.catalog.shelf import keeping
    from commerce.core.contract.examples import RECORDED
    from commerce.seed import catalogue, history, network, people, shopfront
    from commerce.seed.world import World
    from config.celery import app
    from tests.contracts.recording import Recorder
    from tests.contracts.story import DESK_PHONE, Story

    setup_test_environment()
    made = setup_databases(verbosity=0, interactive=False)
    try:
        call_command("procedures", "install", verbosity=0)
        noon = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)
        world = World(7, 15, 40, 1, noon - timedelta(days=1), lambda line: None)
        for build in (network.build, catalogue.build, shopfront.build, people.build):
            build(world)
        history.unfold(world)
        User.objects.create_superuser(DESK_PHONE)
        keeping.catch_up(wait=True)
        app.conf.task_always_eager = True
        with tempfile.TemporaryDirectory() as sms:
            settings.SMS_DIR = Path(sms)
            recorder = Recorder()
            story = Story(recorder, Path(sms))
            story.tell()
        with connection.cursor() as cursor:
            cursor.execute("DROP PROCEDURE rollback_coupon")
        story.system("degraded")
        recorder.write(RECORDED)
    finally:
        teardown_databases(made, verbosity=0)


if __name__ == "__main__":
    main()
