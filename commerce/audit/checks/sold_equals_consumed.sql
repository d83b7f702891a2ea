-- sold_equals_consumed: sold less restored is what the line's holds consumed less what the ledger took back.
-- Operator: compare the line with its holds and ledger entries; book a correction for the shelf if one is wrong.
-- Sums in which each line has a random weight of its own agree only if every line does; then no line is joined.
WITH moved AS (
    SELECT id, quantity_sold::bigint - quantity_restored AS units FROM order_items
    UNION ALL
    SELECT order_item_id, -quantity::bigint FROM stock_reservations WHERE status = 'consumed'
    UNION ALL
    SELECT order_item_id, delta FROM stock_ledger WHERE kind = 'restore'
),
weighed AS (
    SELECT SUM(units * (weight >> 32)) AS high, SUM(units * (weight & 2147483647)) AS low
    FROM (
        SELECT units,
               uuid_hash_extended(id, (SELECT current_setting('audit.seed')::bigint)) AS weight
        FROM moved
    ) m
)
SELECT 'sold_equals_consumed' AS invariant,
       'order_items' AS "table",
       oi.id,
       format('sold %s less restored %s, consumed %s less taken back %s',
              oi.quantity_sold, oi.quantity_restored, COALESCE(h.consumed, 0), COALESCE(l.restored, 0)) AS detail
FROM order_items oi
LEFT JOIN (
    SELECT order_item_id, SUM(quantity) AS consumed
    FROM stock_reservations
    WHERE status = 'consumed'
    GROUP BY order_item_id
) h ON h.order_item_id = oi.id
LEFT JOIN (
    SELECT order_item_id, SUM(delta) AS restored
    FROM stock_ledger
    WHERE kind = 'restore'
    GROUP BY order_item_id
) l ON l.order_item_id = oi.id
WHERE EXISTS (SELECT FROM weighed WHERE (high, low) <> (0, 0))
  AND oi.quantity_sold::bigint - oi.quantity_restored <> COALESCE(h.consumed, 0) - COALESCE(l.restored, 0)
