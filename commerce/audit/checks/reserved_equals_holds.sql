-- reserved_equals_holds: what a stock row reserves is the sum of the active holds on it.
-- Operator: compare the row with its active holds; release the hold that should have ended.
SELECT 'reserved_equals_holds' AS invariant,
       CASE WHEN i.id IS NULL THEN 'stock_reservations' ELSE 'inventory' END AS "table",
       COALESCE(i.id, h.first_id) AS id,
       format('reserved %s, active holds %s', COALESCE(i.reserved, 0), COALESCE(h.held, 0)) AS detail
FROM inventory i
FULL JOIN (
    SELECT variant_id, warehouse_id, SUM(quantity) AS held, (array_agg(id ORDER BY id))[1] AS first_id
    FROM stock_reservations
    WHERE status = 'active'
    GROUP BY variant_id, warehouse_id
) h ON h.variant_id = i.variant_id AND h.warehouse_id = i.warehouse_id
WHERE COALESCE(i.reserved, 0) <> COALESCE(h.held, 0)
