-- sold_equals_consumed: what a line sold is what its holds consumed and the ledger sold, of its variant and warehouse.
-- Operator: compare the line with its holds and ledger entries; book a correction for the shelf if one is wrong.
-- What a line says it restored is likewise what the ledger took back.
-- Sums in which each line, variant and warehouse has a random weight of its own agree only if all do; then none is
-- joined. What holds consumed, the ledger sold and took back is weighed by other bits of the same hash.
WITH moved AS (
    SELECT quantity_sold * ((weight >> 34) + (weight & 536870911)) + quantity_restored * (weight >> 17 & 536870911)
        AS units
    FROM (
        SELECT quantity_sold, quantity_restored,
               uuid_hash_extended(variant_id, uuid_hash_extended(warehouse_id, uuid_hash_extended(
                   id, (SELECT current_setting('audit.seed')::bigint)))) AS weight
        FROM order_items
        OFFSET 0  -- so that a weight is computed once
    ) lines
    UNION ALL
    SELECT -quantity * (weight >> 34)
    FROM (
        SELECT quantity,
               uuid_hash_extended(variant_id, uuid_hash_extended(warehouse_id, uuid_hash_extended(
                   order_item_id, (SELECT current_setting('audit.seed')::bigint)))) AS weight
        FROM stock_reservations
        WHERE status = 'consumed'
        OFFSET 0
    ) holds
    UNION ALL
    SELECT delta * CASE kind WHEN 'sale' THEN weight & 536870911 ELSE -(weight >> 17 & 536870911) END
    FROM (
        SELECT delta, kind,
               uuid_hash_extended(variant_id, uuid_hash_extended(warehouse_id, uuid_hash_extended(
                   order_item_id, (SELECT current_setting('audit.seed')::bigint)))) AS weight
        FROM stock_ledger
        WHERE kind IN ('sale', 'restore')
        OFFSET 0
    ) entries
),
weighed AS (
    SELECT SUM(units) AS balance FROM moved
)
SELECT 'sold_equals_consumed' AS invariant,
       'order_items' AS "table",
       oi.id,
       format('%s: sold %s, restored %s; consumed %s, ledger sold %s and took back %s; elsewhere %s',
              oi.sku, oi.quantity_sold, oi.quantity_restored, COALESCE(h.consumed, 0), COALESCE(l.sold, 0),
              COALESCE(l.restored, 0), COALESCE(h.astray, 0) + COALESCE(l.astray, 0)) AS detail
FROM order_items oi
LEFT JOIN (
    SELECT r.order_item_id, SUM(r.quantity) AS consumed,
           COUNT(*) FILTER (WHERE (r.variant_id, r.warehouse_id) <> (i.variant_id, i.warehouse_id)) AS astray
    FROM stock_reservations r
    JOIN order_items i ON i.id = r.order_item_id
    WHERE r.status = 'consumed'
    GROUP BY r.order_item_id
) h ON h.order_item_id = oi.id
LEFT JOIN (
    SELECT e.order_item_id, -SUM(e.delta) FILTER (WHERE e.kind = 'sale') AS sold,
           SUM(e.delta) FILTER (WHERE e.kind = 'restore') AS restored,
           COUNT(*) FILTER (WHERE (e.variant_id, e.warehouse_id) <> (i.variant_id, i.warehouse_id)) AS astray
    FROM stock_ledger e
    JOIN order_items i ON i.id = e.order_item_id
    WHERE e.kind IN ('sale', 'restore')
    GROUP BY e.order_item_id
) l ON l.order_item_id = oi.id
WHERE EXISTS (SELECT FROM weighed WHERE balance <> 0)
  AND (oi.quantity_sold <> COALESCE(h.consumed, 0)
       OR oi.quantity_sold <> COALESCE(l.sold, 0)
       OR oi.quantity_restored <> COALESCE(l.restored, 0)
       OR h.astray > 0
       OR l.astray > 0)
