"""The one definition of what can still be sold."""

from __future__ import annotations

from django.db import migrations

AVAILABLE_STOCK = """
CREATE VIEW available_stock AS
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
    dependencies = [("inventory", "0002_initial")]

    operations = [migrations.RunSQL(AVAILABLE_STOCK, "DROP VIEW available_stock")]
