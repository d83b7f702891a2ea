-- unpaid_lines_are_held: each line of an order that waits for payment has its whole quantity held where it ships from.
-- Operator: cancel the order before it is paid for, unless its stock can be held again.
SELECT 'unpaid_lines_are_held' AS invariant,
       'order_items' AS "table",
       i.id,
       format('%s of %s, %s: %s ordered, %s held', i.sku, o.number, o.status, i.quantity, COALESCE(h.held, 0))
           AS detail
FROM orders o
JOIN order_items i ON i.order_id = o.id
LEFT JOIN LATERAL (
    SELECT SUM(r.quantity) AS held
    FROM stock_reservations r
    WHERE r.order_item_id = i.id AND r.order_id = o.id AND r.status = 'active'
      AND r.variant_id = i.variant_id AND r.warehouse_id = i.warehouse_id
) h ON TRUE
WHERE o.status IN ('created', 'pending_payment') AND i.quantity <> COALESCE(h.held, 0)
