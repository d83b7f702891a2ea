-- stock_within_bounds: 0 <= reserved <= on_hand, so nothing is sold that is not there.
-- Operator: find out who dropped the CHECK inventory_never_oversold; cancel the newest orders it let through.
SELECT 'stock_within_bounds' AS invariant,
       'inventory' AS "table",
       id,
       format('reserved %s of %s on hand', reserved, on_hand) AS detail
FROM inventory
WHERE reserved < 0 OR reserved > on_hand
