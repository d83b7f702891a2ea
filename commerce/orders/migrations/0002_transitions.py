"""The legal steps of an order, and who may make them."""

from __future__ import annotations

from django.db import migrations

from commerce.orders.transitions import load_transitions


def load(apps, schema_editor):
    load_transitions(apps.get_model("orders", "OrderStatusTransition"))


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
