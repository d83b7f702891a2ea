-- stock_follows_order: a confirmed order's stock is consumed, a cancelled or undeliverable one's is back.
-- Operator: look for the order's pending or failed step in saga_log and resume decrease or restore.
SELECT 'stock_follows_order' AS invariant,
       'orders' AS "table",
       id,
       format('%s is %s: ordered %s, sold %s, restored %s', number, status, ordered, sold, restored) AS detail
FROM priced_orders
WHERE CASE
    WHEN status IN ('created', 'pending_payment') THEN sold > 0
    WHEN status IN ('cancelled', 'returned_to_origin')
        THEN NOT all_back AND COALESCE(closed_at, updated_at) < current_setting('audit.overdue_before')::timestamptz
    ELSE NOT all_sold AND COALESCE(confirmed_at, updated_at) < current_setting('audit.overdue_before')::timestamptz
END
