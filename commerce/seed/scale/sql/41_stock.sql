-- Every movement of stock: receipts for all that was sold and for what is left, sales, returns.
CREATE TEMP TABLE seed_held AS
SELECT s, SUM(quantity) AS held
FROM (
    SELECT i.s, i.quantity FROM seed_items i JOIN seed_orders o ON o.o = i.o
    WHERE o.confirmed IS NULL AND o.cancelled_at IS NULL
    UNION ALL
    SELECT l.s, 1 FROM seed_cart_lines l JOIN seed_open_carts c ON c.c = l.c WHERE c.holds
) h GROUP BY s;

-- What sells in large numbers comes in month by month, the rest before the opening.
CREATE TEMP TABLE seed_receipts AS
WITH sold AS (
    SELECT i.s, floor(date_part('epoch', o.confirmed - g.opening) / 2592000)::integer AS month,
           SUM(i.quantity) AS quantity, SUM(SUM(i.quantity)) OVER (PARTITION BY i.s) AS in_all
    FROM seed_items i
    JOIN seed_orders o ON o.o = i.o
    CROSS JOIN seed_scale g
    WHERE o.confirmed IS NOT NULL
    GROUP BY 1, 2
), needed AS (
    SELECT s, CASE WHEN in_all > 30 THEN month ELSE 0 END AS month, quantity FROM sold
    UNION ALL
    SELECT k.s, 0, k.spare + COALESCE(h.held, 0) FROM seed_stock k LEFT JOIN seed_held h ON h.s = k.s
), received AS (
    SELECT n.s, n.month, SUM(n.quantity)::integer AS quantity FROM needed n GROUP BY 1, 2
    HAVING SUM(n.quantity) > 0
)
SELECT r.s, r.month, r.quantity, k.v, k.w,
       (row_number() OVER (PARTITION BY r.month, k.w ORDER BY r.s) - 1) / 250 + 1 AS part,
       CASE WHEN r.month = 0 THEN g.opening - interval '2 days'
            ELSE g.opening + r.month * interval '30 days' END AS at
FROM received r
JOIN seed_stock k ON k.s = r.s
CROSS JOIN seed_scale g;
ANALYZE seed_receipts;

INSERT INTO stock_documents (id, created_at, updated_at, kind, reference, reason, lines)
SELECT made.key(r.at, (r.month * 16 + r.w) * 1000000 + r.part, 50), r.at, r.at, 'receipt',
       'GRN-' || w.code || '-' || to_char(r.month, 'FM000') || '-' || r.part,
       CASE WHEN r.month = 0 THEN 'Opening stock' ELSE 'Replenishment' END,
       jsonb_agg(jsonb_build_object('sku', v.sku, 'warehouse', w.code, 'quantity', r.quantity)
                 ORDER BY v.sku)
FROM seed_receipts r
JOIN seed_variants v ON v.v = r.v
JOIN seed_warehouses w ON w.w = r.w
GROUP BY r.month, r.w, r.part, r.at, w.code;

CREATE TEMP TABLE seed_moves AS
SELECT r.s, r.at, 0 AS l, 'receipt' AS kind, r.quantity AS delta,
       made.key(r.at, (r.month * 16 + r.w) * 1000000 + r.part, 50) AS document_id,
       NULL::uuid AS item_id, NULL::uuid AS return_item_id
FROM seed_receipts r
UNION ALL
SELECT i.s, o.confirmed + interval '50 milliseconds', i.l, 'sale', -i.quantity, NULL, i.id, NULL
FROM seed_items i JOIN seed_orders o ON o.o = i.o WHERE o.confirmed IS NOT NULL
UNION ALL
SELECT i.s, COALESCE(o.cancelled_at, o.refused_at) + interval '60 milliseconds', i.l, 'restore',
       i.quantity, NULL, i.id, NULL
FROM seed_items i JOIN seed_orders o ON o.o = i.o
WHERE o.confirmed IS NOT NULL AND COALESCE(o.cancelled_at, o.refused_at) IS NOT NULL
UNION ALL
SELECT b.s, b.received, b.l, 'restore', b.quantity, NULL, b.item_id, b.id
FROM seed_return_items b WHERE b.received IS NOT NULL AND b.condition = 'restock';
ANALYZE seed_moves;

INSERT INTO stock_ledger (
    seq, on_hand_after, id, created_at, updated_at, variant_id, warehouse_id, kind, delta,
    document_id, order_item_id, return_item_id
)
SELECT m.seq, SUM(m.delta) OVER (PARTITION BY m.s ORDER BY m.seq),
       made.key(m.at, m.seq, 51), m.at, m.at, v.id, w.id, m.kind, m.delta, m.document_id,
       m.item_id, m.return_item_id
FROM (SELECT t.*, row_number() OVER (ORDER BY t.at, t.l, t.s, t.delta) AS seq FROM seed_moves t) m
JOIN seed_stock k ON k.s = m.s
JOIN seed_variants v ON v.v = k.v
JOIN seed_warehouses w ON w.w = k.w;

INSERT INTO inventory (
    id, created_at, updated_at, version, variant_id, warehouse_id, on_hand, reserved
)
SELECT k.id, g.opening - interval '2 days', m.at, m.moves, v.id, w.id, m.on_hand,
       COALESCE(h.held, 0)
FROM seed_stock k
JOIN (SELECT s, SUM(delta) AS on_hand, COUNT(*) AS moves, MAX(at) AS at
      FROM seed_moves GROUP BY s) m ON m.s = k.s
JOIN seed_variants v ON v.v = k.v
JOIN seed_warehouses w ON w.w = k.w
LEFT JOIN seed_held h ON h.s = k.s
CROSS JOIN seed_scale g
ORDER BY k.s;
