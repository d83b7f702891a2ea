-- coupon_shares_add_up: the lines share the whole coupon discount and each is lowered by its share.
-- Operator: refund by the order's total, not by its lines, until the shares are corrected.
SELECT 'coupon_shares_add_up' AS invariant,
       'orders' AS "table",
       id,
       format('coupon discount %s of %s, shares %s, lines lowered by %s',
              coupon_discount, number, shares, lines_price - lines_total) AS detail
FROM priced_orders
WHERE frozen_at IS NOT NULL AND (coupon_discount <> shares OR NOT each_lowered)
