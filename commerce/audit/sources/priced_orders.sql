-- priced_orders: each order with the sums of its lines; NULL where it has none.
SELECT o.id,
       o.number,
       o.status,
       o.subtotal,
       o.subtotal - o.discount AS priced,
       o.coupon_discount,
       o.shipping_fee + o.cod_fee AS fees,
       o.tax_included,
       o.total,
       o.frozen_at,
       o.confirmed_at,
       o.closed_at,
       l.*
FROM orders o
LEFT JOIN (
    SELECT order_id AS has_lines,
           SUM(quantity * unit_mrp) AS lines_mrp,
           SUM(quantity * unit_price) AS lines_price,
           SUM(line_total) AS lines_total,
           SUM(coupon_share) AS shares,
           SUM(cgst + sgst + igst) AS lines_tax,
           bool_and(line_total = quantity * unit_price - coupon_share) AS each_lowered,
           bool_and(line_total = taxable_value + cgst + sgst + igst) AS each_taxed,
           bool_or(igst > 0 AND cgst + sgst > 0) AS both_kinds,
           SUM(quantity) AS ordered,
           SUM(quantity_sold) AS sold,
           SUM(quantity_restored) AS restored,
           bool_and(quantity_sold = quantity) AS all_sold,
           bool_and(quantity_restored >= quantity_sold) AS all_back
    FROM (SELECT * FROM order_items ORDER BY order_id) sorted  -- so that a group needs no memory
    GROUP BY order_id
) l ON l.has_lines = o.id
