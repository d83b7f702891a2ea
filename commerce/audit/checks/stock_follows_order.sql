-- stock_follows_order: a confirmed order's stock is consumed, a cancelled or undeliverable one's is back.
-- Operator: look for the order's pending or failed step in saga_log and resume decrease or restore.
SELECT 'stock_follows_order' AS invariant,
       'orders' AS "table",
       o.id,
       format('%s is %s: ordered %s, sold %s, restored %s', o.number, o.status, l.ordered, l.sold, l.restored)
           AS detail
FROM orders o
JOIN (
    SELECT order_id,
           SUM(quantity) AS ordered,
           SUM(quantity_sold) AS sold,
           SUM(quantity_restored) AS restored,
           bool_and(quantity_sold = quantity) AS all_sold,
           bool_and(quantity_restored >= quantity_sold) AS all_back
    FROM order_items
    GROUP BY order_id
) l ON l.order_id = o.id
WHERE CASE
    WHEN o.status IN ('created', 'pending_payment') THEN l.sold > 0
    WHEN o.status IN ('cancelled', 'returned_to_origin')
        THEN NOT l.all_back AND o.closed_at < current_setting('audit.overdue_before')::timestamptz
    ELSE NOT l.all_sold AND o.confirmed_at < current_setting('audit.overdue_before')::timestamptz
END
