"""The one definition of what an order that ends before its delivery leaves to be undone.

Each row is a step of the workflow *cancel*: its procedure and the row it is about. A bound hold, a
bound or redeemed coupon and a kept capture change only under the lock of their order, so whoever
holds that lock may decide by this view.
"""

from __future__ import annotations

from django.db import migrations

ORDER_UNDO_STEPS = """
CREATE VIEW order_undo_steps AS
SELECT o.id AS order_id, s.step, s.subject_id
FROM orders o
CROSS JOIN LATERAL (
    SELECT 'release_inventory'::text AS step, o.id AS subject_id
    WHERE EXISTS (
        SELECT FROM stock_reservations r WHERE r.order_id = o.id AND r.status = 'active'
    )
    UNION ALL
    SELECT 'restore_inventory', o.id
    WHERE EXISTS (
        SELECT FROM order_items i WHERE i.order_id = o.id AND i.quantity_sold > i.quantity_restored
    )
    UNION ALL
    SELECT 'rollback_coupon', o.id
    WHERE EXISTS (
        SELECT FROM coupon_usage u WHERE u.order_id = o.id AND u.status IN ('bound', 'redeemed')
    )
    UNION ALL
    SELECT 'initiate_refund', p.id
    FROM payments p
    WHERE p.order_id = o.id AND p.disposition = 'kept'
) s
"""


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0003_pricing_views"),
        ("inventory", "0002_initial"),
        ("coupons", "0002_initial"),
        ("payments", "0001_initial"),
    ]

    operations = [migrations.RunSQL(ORDER_UNDO_STEPS, "DROP VIEW order_undo_steps")]
