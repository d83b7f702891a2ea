"""The Celery application; tasks are found in each app's `tasks` module."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings
from django.utils.log import configure_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect  # type: ignore[untyped-decorator]  # Celery has no types
def keep_the_logs_ours(**_rest: Any) -> None:
    """Worker and beat log as the web does: handlers of Celery's own would hide nothing."""
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
