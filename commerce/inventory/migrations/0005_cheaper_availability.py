"""Availability at the price of one row, however many hold a hot variant's stock."""

from __future__ import annotations

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
import django.db.models.deletion

# `reserved` is the sum of active holds; those that are over by the clock and were not reclaimed
# yet can be promised again. The clock is read once, so that the index finds them.
AVAILABLE_STOCK = """
CREATE OR REPLACE VIEW available_stock AS
SELECT i.variant_id,
       i.warehouse_id,
       i.on_hand,
       i.on_hand - i.reserved + COALESCE(h.over, 0)::integer AS available
FROM inventory i
JOIN warehouses w ON w.id = i.warehouse_id AND w.is_active AND NOT w.is_deleted
LEFT JOIN LATERAL (
    SELECT SUM(r.quantity) AS over
    FROM stock_reservations r
    WHERE r.variant_id = i.variant_id
      AND r.warehouse_id = i.warehouse_id
      AND r.status = 'active'
      AND r.order_id IS NULL
      AND r.expires_at <= (SELECT clock_timestamp())
) h ON TRUE
"""
BEFORE = """
CREATE OR REPLACE VIEW available_stock AS
SELECT i.variant_id,
       i.warehouse_id,
       i.on_hand,
       i.on_hand - COALESCE(h.held, 0)::integer AS available
FROM inventory i
JOIN warehouses w ON w.id = i.warehouse_id AND w.is_active AND NOT w.is_deleted
LEFT JOIN LATERAL (
    SELECT SUM(r.quantity) AS held
    FROM stock_reservations r
    WHERE r.variant_id = i.variant_id
      AND r.warehouse_id = i.warehouse_id
      AND r.status = 'active'
      AND (r.order_id IS NOT NULL OR r.expires_at > clock_timestamp())
) h ON TRUE
"""


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("inventory", "0004_available_stock_model")]

    operations = [
        AddIndexConcurrently(
            "stockreservation",
            models.Index(
                fields=["variant", "warehouse", "expires_at"],
                name="stock_reservations_ending",
                condition=models.Q(status="active", order__isnull=True),
            ),
        ),
        migrations.RunSQL(AVAILABLE_STOCK, BEFORE),
        RemoveIndexConcurrently("stockreservation", "stock_reservations_of_stock"),
        migrations.SeparateDatabaseAndState(
            # Django would drop and check the foreign key again to drop its index.
            database_operations=[
                migrations.RunSQL(
                    'DROP INDEX CONCURRENTLY IF EXISTS "stock_reservations_warehouse_id_5c990b1f"',
                    'CREATE INDEX CONCURRENTLY "stock_reservations_warehouse_id_5c990b1f"'
                    ' ON "stock_reservations" ("warehouse_id")',
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    "stockreservation",
                    "warehouse",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.warehouse",
                    ),
                ),
            ],
        ),
    ]
