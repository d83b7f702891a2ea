"""Which warehouses deliver to a cart's address: the one definition for validating and holding."""

from __future__ import annotations

from django.db import migrations

CART_WAREHOUSES = """
CREATE VIEW cart_warehouses AS
SELECT c.id AS cart_id,
       w.id AS warehouse_id,
       row_number() OVER (PARTITION BY c.id ORDER BY MIN(r.priority), w.priority, w.code) AS place
FROM carts c
JOIN addresses a ON a.id = c.address_id AND a.user_id = c.user_id AND NOT a.is_deleted
JOIN serviceable_pincodes p ON p.pincode = a.pincode AND p.is_serviceable AND NOT p.is_deleted
JOIN warehouse_regions r ON starts_with(p.pincode, r.prefix) AND NOT r.is_deleted
JOIN warehouses w ON w.id = r.warehouse_id AND w.is_active AND NOT w.is_deleted
GROUP BY c.id, w.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cart", "0004_quote"),
        ("shipping", "0001_initial"),
        ("accounts", "0001_initial"),
    ]

    operations = [migrations.RunSQL(CART_WAREHOUSES, "DROP VIEW cart_warehouses")]
