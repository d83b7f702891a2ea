"""An index that holds whole histories; it serves the foreign key too, whose own goes."""

from __future__ import annotations

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

NAME = "order_events_order_id_9a531e20"


class Migration(migrations.Migration):
    atomic = False  # so that a busy shop goes on while the indexes are built and dropped

    dependencies = [("orders", "0004_undo_steps")]

    operations = [
        AddIndexConcurrently(
            model_name="orderevent",
            index=models.Index(
                fields=["order", "seq"],
                include=["from_status", "to_status", "actor_kind"],
                name="order_events_history",
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f"DROP INDEX CONCURRENTLY IF EXISTS {NAME}",
                    f"CREATE INDEX CONCURRENTLY {NAME} ON order_events (order_id)",
                )
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="orderevent",
                    name="order",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="orders.order",
                    ),
                )
            ],
        ),
    ]
