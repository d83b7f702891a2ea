"""An index of the steps that wait or were given up, which the hourly look and each metric count."""

from __future__ import annotations

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # so that a busy shop goes on while the index is built

    dependencies = [("core", "0003_rate_windows")]

    operations = [
        AddIndexConcurrently(
            model_name="sagastep",
            index=models.Index(
                condition=models.Q(("status__in", ["pending", "failed"])),
                fields=["status", "created_at"],
                name="saga_log_unfinished",
            ),
        ),
    ]
