"""What a cart can have of each of its lines: the one definition for adding, changing and checking."""

from __future__ import annotations

from django.db import migrations

# A line is never split over warehouses, so the best single one counts, and what this cart itself
# holds there is its own to use. Removed lines are included: their holds may still live.
CART_LINE_STOCK = """
CREATE VIEW cart_line_stock AS
SELECT ci.id AS line_id,
       ci.cart_id,
       ci.variant_id,
       COALESCE(best.available, 0) AS available
FROM cart_items ci
CROSS JOIN LATERAL (
    SELECT MAX(s.available + COALESCE(h.quantity, 0)) AS available
    FROM available_stock s
    LEFT JOIN stock_reservations h
        ON h.cart_id = ci.cart_id
       AND h.variant_id = s.variant_id
       AND h.warehouse_id = s.warehouse_id
       AND h.status = 'active'
       AND h.order_id IS NULL
       AND h.expires_at > clock_timestamp()
    WHERE s.variant_id = ci.variant_id
) best
"""


class Migration(migrations.Migration):
    dependencies = [("cart", "0002_initial"), ("inventory", "0003_available_stock")]

    operations = [migrations.RunSQL(CART_LINE_STOCK, "DROP VIEW cart_line_stock")]
