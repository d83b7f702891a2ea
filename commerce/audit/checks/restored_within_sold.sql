-- restored_within_sold: a line never gives back more stock than it took.
-- Operator: count the shelf and book the surplus away as a correction.
SELECT 'restored_within_sold' AS invariant,
       'order_items' AS "table",
       id,
       format('%s: sold %s, restored %s', sku, quantity_sold, quantity_restored) AS detail
FROM order_items
WHERE quantity_restored > quantity_sold
