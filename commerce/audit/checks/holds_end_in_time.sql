-- holds_end_in_time: a cart's hold ends with its time or the cart, an order's with its sale or cancellation.
-- Operator: check that the jobs that expire holds and resume workflows run; resume release or decrease_inventory.
-- All beyond the grace; and nothing is promised further than two days ahead.
SELECT 'holds_end_in_time' AS invariant,
       'stock_reservations' AS "table",
       r.id,
       CASE WHEN o.id IS NULL THEN format('%s held since %s until %s for a cart that is %s', r.quantity,
                                          r.first_held_at, r.expires_at, c.status)
            ELSE format('%s held for %s, %s at %s', r.quantity, o.number, o.status,
                        COALESCE(o.closed_at, o.confirmed_at, o.updated_at)) END AS detail
FROM stock_reservations r
JOIN carts c ON c.id = r.cart_id
LEFT JOIN orders o ON o.id = r.order_id
WHERE r.status = 'active'
  AND (r.expires_at > now() + interval '2 days'
       OR (o.id IS NULL AND c.status <> 'open')
       OR CASE
           WHEN o.id IS NULL THEN r.expires_at
           WHEN o.status IN ('created', 'pending_payment') THEN NULL  -- held until it is paid for or ends
           WHEN o.status IN ('cancelled', 'returned_to_origin') THEN COALESCE(o.closed_at, o.updated_at)
           ELSE COALESCE(o.confirmed_at, o.updated_at)
       END < current_setting('audit.overdue_before')::timestamptz)
