-- coupon_uses_within_limits: living uses of a coupon stay within its limits, in all and per customer.
-- Operator: if the limit was lowered after the uses, let it be; otherwise pause the coupon and look for the race.
WITH uses AS (
    SELECT coupon_id, user_id, COUNT(*) AS by_user, SUM(COUNT(*)) OVER (PARTITION BY coupon_id) AS in_all
    FROM coupon_usage
    WHERE status IN ('bound', 'redeemed') OR (status = 'reserved' AND expires_at > now())
    GROUP BY coupon_id, user_id
)
SELECT 'coupon_uses_within_limits' AS invariant,
       'coupons' AS "table",
       c.id,
       format('%s used %s of %s times, at most %s of %s by one customer', c.code, MAX(u.in_all),
              COALESCE(c.total_limit::text, 'any'), MAX(u.by_user), COALESCE(c.per_user_limit::text, 'any'))
           AS detail
FROM coupons c
JOIN uses u ON u.coupon_id = c.id
WHERE u.in_all > c.total_limit OR u.by_user > c.per_user_limit
GROUP BY c.id
