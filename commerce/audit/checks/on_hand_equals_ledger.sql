-- on_hand_equals_ledger: what lies on the shelf is the sum of every movement in the ledger.
-- Operator: count the shelf, then book the difference as a correction with its reason.
SELECT 'on_hand_equals_ledger' AS invariant,
       CASE WHEN i.id IS NULL THEN 'stock_ledger' ELSE 'inventory' END AS "table",
       COALESCE(i.id, (
           SELECT last.id FROM stock_ledger last
           WHERE last.variant_id = l.variant_id AND last.warehouse_id = l.warehouse_id
           ORDER BY last.seq DESC LIMIT 1
       )) AS id,
       format('on hand %s, ledger %s', COALESCE(i.on_hand, 0), COALESCE(l.moved, 0)) AS detail
FROM inventory i
FULL JOIN (
    SELECT variant_id, warehouse_id, SUM(delta) AS moved
    FROM stock_ledger
    GROUP BY variant_id, warehouse_id
) l ON l.variant_id = i.variant_id AND l.warehouse_id = i.warehouse_id
WHERE COALESCE(i.on_hand, 0) <> COALESCE(l.moved, 0)
