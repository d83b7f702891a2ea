-- payment_status_follows_money: an order says paid or refunded exactly as its kept capture and its refunds do.
-- Operator: believe the payment and its refunds; correct what the customer was told.
SELECT 'payment_status_follows_money' AS invariant,
       'orders' AS "table",
       o.id,
       format('%s says %s: kept %s, paid back %s', o.number, o.payment_status,
              COALESCE(p.captured_amount, 0), COALESCE(r.refunded, 0)) AS detail
FROM orders o
LEFT JOIN payments p ON p.order_id = o.id AND p.disposition = 'kept'
LEFT JOIN (
    SELECT payment_id, SUM(amount) AS refunded
    FROM refunds
    WHERE status = 'succeeded'
    GROUP BY payment_id
) r ON r.payment_id = p.id
WHERE CASE
    WHEN p.id IS NULL THEN o.payment_status NOT IN ('unpaid', 'cod_due')
    WHEN r.refunded IS NULL THEN o.payment_status <> 'paid'
    WHEN r.refunded < p.captured_amount THEN o.payment_status <> 'partially_refunded'
    ELSE o.payment_status <> 'refunded'
END
