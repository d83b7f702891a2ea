-- order_totals_add_up: an order's total is its lines plus fees less discounts, to the paisa.
-- Operator: stop the shipment; recompute the order by its lines and refund or write off the difference.
SELECT 'order_totals_add_up' AS invariant,
       'orders' AS "table",
       id,
       format('total %s of %s: at MRP %s told, %s in lines; at prices %s told, %s in lines; lines come to %s',
              total, number, subtotal, lines_mrp, priced, lines_price, lines_total) AS detail
FROM priced_orders
WHERE has_lines IS NULL
   OR subtotal <> lines_mrp
   OR priced <> lines_price
   OR total <> lines_price - coupon_discount + fees
   OR (frozen_at IS NOT NULL AND total <> lines_total + fees)
