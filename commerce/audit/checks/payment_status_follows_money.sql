-- payment_status_follows_money: an order says paid or refunded exactly as its kept capture and its refunds do.
-- Operator: believe the payment and its refunds; correct what the customer was told.
-- Orders of one status must be those whose money says so; their sums of random weights agree only then.
WITH paid_back AS (
    SELECT payment_id, SUM(amount) AS refunded
    FROM refunds
    WHERE status = 'succeeded'
    GROUP BY payment_id
),
money AS (
    SELECT p.order_id,
           CASE WHEN r.refunded IS NULL THEN 'paid'
                WHEN r.refunded < p.captured_amount THEN 'partially_refunded'
                ELSE 'refunded' END AS status
    FROM payments p
    LEFT JOIN paid_back r ON r.payment_id = p.id
    WHERE p.disposition = 'kept'
),
weighed AS (
    SELECT status, SUM(uuid_hash_extended(id, (SELECT current_setting('audit.seed')::bigint)) * side) AS balance
    FROM (
        SELECT id, payment_status AS status, 1 AS side FROM orders WHERE payment_status NOT IN ('unpaid', 'cod_due')
        UNION ALL
        SELECT order_id, status, -1 FROM money
    ) told
    GROUP BY status
)
SELECT 'payment_status_follows_money' AS invariant,
       'orders' AS "table",
       o.id,
       format('%s says %s: kept %s, paid back %s', o.number, o.payment_status,
              COALESCE(p.captured_amount, 0), COALESCE(r.refunded, 0)) AS detail
FROM orders o
LEFT JOIN payments p ON p.order_id = o.id AND p.disposition = 'kept'
LEFT JOIN paid_back r ON r.payment_id = p.id
WHERE EXISTS (SELECT FROM weighed WHERE balance <> 0)
  AND CASE
    WHEN p.id IS NULL THEN o.payment_status NOT IN ('unpaid', 'cod_due')
    WHEN r.refunded IS NULL THEN o.payment_status <> 'paid'
    WHEN r.refunded < p.captured_amount THEN o.payment_status <> 'partially_refunded'
    ELSE o.payment_status <> 'refunded'
END
