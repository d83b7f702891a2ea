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
       o.payment_method,
       o.payment_status,
       o.frozen_at,
       o.confirmed_at,
       o.shipped_at,
       o.delivered_at,
       o.closed_at,
       o.updated_at,
       l.*
FROM orders o
LEFT JOIN (
    SELECT order_id AS has_lines,
           SUM(mrp) AS lines_mrp,
           SUM(price) AS lines_price,
           SUM(line_total) AS lines_total,
           SUM(coupon_share) AS shares,
           SUM(tax) AS lines_tax,
           bool_and(line_total = price - coupon_share) AS each_lowered,
           bool_and(line_total = taxable_value + tax) AS each_taxed,
           bool_or(igst > 0 AND tax > igst) AS both_kinds,
           SUM(quantity) AS ordered,
           SUM(quantity_sold) AS sold,
           SUM(quantity_restored) AS restored,
           bool_and(quantity_sold = quantity) AS all_sold,
           bool_and(quantity_restored >= quantity_sold) AS all_back
    FROM (
        SELECT order_id, line_total, coupon_share, taxable_value, igst, quantity, quantity_sold, quantity_restored,
               quantity * unit_mrp AS mrp, quantity * unit_price AS price, cgst + sgst + igst AS tax
        FROM order_items
        ORDER BY order_id  -- so that a group is read in one go and needs no memory
    ) lines
    GROUP BY order_id
) l ON l.has_lines = o.id
