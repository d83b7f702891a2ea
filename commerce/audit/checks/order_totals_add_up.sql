-- order_totals_add_up: an order's total is its lines plus fees less discounts, to the paisa.
-- Operator: stop the shipment; recompute the order by its lines and refund or write off the difference.
SELECT 'order_totals_add_up' AS invariant,
       'orders' AS "table",
       o.id,
       format('total %s of %s: at MRP %s told, %s in lines; at prices %s told, %s in lines; lines come to %s',
              o.total, o.number, o.subtotal, l.mrp, o.subtotal - o.discount, l.price, l.frozen) AS detail
FROM orders o
LEFT JOIN (
    SELECT order_id,
           SUM(quantity * unit_mrp) AS mrp,
           SUM(quantity * unit_price) AS price,
           SUM(line_total) AS frozen
    FROM order_items
    GROUP BY order_id
) l ON l.order_id = o.id
WHERE l.order_id IS NULL
   OR o.subtotal <> l.mrp
   OR o.subtotal - o.discount <> l.price
   OR o.total <> l.price - o.coupon_discount + o.shipping_fee + o.cod_fee
   OR (o.frozen_at IS NOT NULL AND o.total <> l.frozen + o.shipping_fee + o.cod_fee)
