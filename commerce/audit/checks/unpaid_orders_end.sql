-- unpaid_orders_end: an order that nobody pays for ends with its time to pay, beyond the grace.
-- Operator: check that the job that cancels expired orders runs; cancel the order in the admin.
SELECT 'unpaid_orders_end' AS invariant,
       'orders' AS "table",
       id,
       format('%s is %s, to be paid for until %s', number, status, COALESCE(expires_at::text, 'never')) AS detail
FROM orders
WHERE status IN ('created', 'pending_payment')
  AND (expires_at IS NULL OR expires_at < current_setting('audit.overdue_before')::timestamptz)
