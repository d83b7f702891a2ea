-- sold_equals_consumed: sold less restored is what the line's holds consumed less what the ledger took back.
-- Operator: compare the line with its holds and ledger entries; book a correction for the shelf if one is wrong.
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
WHERE oi.quantity_sold - oi.quantity_restored <> COALESCE(h.consumed, 0) - COALESCE(l.restored, 0)
