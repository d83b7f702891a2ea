-- coupon_slots_end_with_orders: a cancelled or undeliverable order gives its coupon's slot back, beyond the grace.
-- Operator: look for the order's pending or failed rollback_coupon in saga_log and try it again in the admin.
SELECT 'coupon_slots_end_with_orders' AS invariant,
       'coupon_usage' AS "table",
       u.id,
       format('%s by %s, %s at %s', u.status, o.number, o.status, o.closed_at) AS detail
FROM coupon_usage u
JOIN orders o ON o.id = u.order_id
WHERE u.status IN ('bound', 'redeemed')
  AND o.status IN ('cancelled', 'returned_to_origin')
  AND COALESCE(o.closed_at, o.updated_at) < current_setting('audit.overdue_before')::timestamptz
