-- coupons_are_used: a living order with a coupon has that customer's use of it: bound until paid for, then redeemed.
-- Operator: stop the coupon if it has a limit; find what changed its use outside the procedures.
SELECT 'coupons_are_used' AS invariant,
       'orders' AS "table",
       COALESCE(o.id, u.order_id) AS id,
       CASE WHEN o.id IS NULL THEN format('uses a coupon that it does not have: usage %s is %s', u.id, u.status)
            ELSE format('%s is %s, %s off by "%s", its use %s', o.number, o.status, o.coupon_discount, o.coupon_code,
                        CASE WHEN u.id IS NULL THEN 'is missing'
                             WHEN u.coupon_id IS DISTINCT FROM o.coupon_id THEN 'is of another coupon'
                             WHEN u.user_id <> o.user_id THEN 'is another customer''s'
                             ELSE 'is ' || u.status END) END AS detail
FROM (SELECT * FROM orders WHERE coupon_id IS NOT NULL OR coupon_discount <> 0) o
FULL JOIN (SELECT * FROM coupon_usage WHERE status IN ('bound', 'redeemed')) u ON u.order_id = o.id
WHERE o.id IS NULL
   OR (o.status NOT IN ('cancelled', 'returned_to_origin')
       AND (u.coupon_id = o.coupon_id AND u.user_id = o.user_id
            AND u.status = CASE WHEN o.status IN ('created', 'pending_payment') THEN 'bound' ELSE 'redeemed' END)
           IS NOT TRUE)
