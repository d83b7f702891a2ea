-- payment_status_follows_money: an order says paid or refunded as its kept capture, its total, and its refunds do.
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
           p.captured_amount AS amount,
           p.currency,
           CASE WHEN r.refunded IS NULL THEN 'paid'
                WHEN r.refunded < p.captured_amount THEN 'partially_refunded'
                ELSE 'refunded' END AS status
    FROM payments p
    LEFT JOIN paid_back r ON r.payment_id = p.id
    WHERE p.disposition = 'kept'
),
weighed AS (
    SELECT SUM(uuid_hash_extended(id, hash_numeric_extended(amount, (SELECT current_setting('audit.seed')::bigint)))
               * side) AS balance
    FROM (
        SELECT id, payment_status AS status, total AS amount, currency, 1 AS side
        FROM orders
        WHERE payment_status NOT IN ('unpaid', 'cod_due')
        UNION ALL
        SELECT order_id, status, amount, currency, -1 FROM money
    ) told
    GROUP BY status, currency
)
SELECT 'payment_status_follows_money' AS invariant,
       'orders' AS "table",
       o.id,
       format('%s of %s %s says %s: kept %s %s, paid back %s', o.number, o.total, o.currency, o.payment_status,
              COALESCE(p.captured_amount, 0), p.currency, COALESCE(r.refunded, 0)) AS detail
FROM orders o
LEFT JOIN payments p ON p.order_id = o.id AND p.disposition = 'kept'
LEFT JOIN paid_back r ON r.payment_id = p.id
WHERE EXISTS (SELECT FROM weighed WHERE balance <> 0)
  AND CASE
    WHEN p.captured_amount <> o.total OR p.currency <> o.currency THEN TRUE
    WHEN p.id IS NULL THEN o.payment_status NOT IN ('unpaid', 'cod_due')
    WHEN r.refunded IS NULL THEN o.payment_status <> 'paid'
    WHEN r.refunded < p.captured_amount THEN o.payment_status <> 'partially_refunded'
    ELSE o.payment_status <> 'refunded'
END
