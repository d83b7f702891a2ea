-- holds_end_in_time: no cart's hold outlives its time, no order's hold its cancellation, beyond the grace.
-- Operator: check that the job that expires holds runs; resume release_inventory for the cart or order.
SELECT 'holds_end_in_time' AS invariant,
       'stock_reservations' AS "table",
       r.id,
       CASE WHEN o.id IS NULL THEN format('%s held for a cart since its end at %s', r.quantity, r.expires_at)
            ELSE format('%s held for %s, %s at %s', r.quantity, o.number, o.status, o.closed_at) END AS detail
FROM stock_reservations r
LEFT JOIN orders o ON o.id = r.order_id
WHERE r.status = 'active'
  AND CASE WHEN o.id IS NULL THEN r.expires_at
           WHEN o.status IN ('cancelled', 'returned_to_origin') THEN o.closed_at END
      < current_setting('audit.overdue_before')::timestamptz
