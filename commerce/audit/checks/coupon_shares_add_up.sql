-- coupon_shares_add_up: the lines share the whole coupon discount and each is lowered by its share.
-- Operator: refund by the order's total, not by its lines, until the shares are corrected.
SELECT 'coupon_shares_add_up' AS invariant,
       'orders' AS "table",
       o.id,
       format('coupon discount %s of %s, shares %s, lines lowered by %s',
              o.coupon_discount, o.number, l.shares, l.lowered) AS detail
FROM orders o
JOIN (
    SELECT order_id,
           SUM(coupon_share) AS shares,
           SUM(quantity * unit_price - line_total) AS lowered,
           bool_and(line_total = quantity * unit_price - coupon_share) AS each_line
    FROM order_items
    GROUP BY order_id
) l ON l.order_id = o.id
WHERE o.frozen_at IS NOT NULL AND (o.coupon_discount <> l.shares OR NOT l.each_line)
