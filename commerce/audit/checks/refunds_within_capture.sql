-- refunds_within_capture: the refunds of a payment, failed ones aside, never exceed what it captured.
-- Operator: stop the newest refund at the provider before it is paid out.
SELECT 'refunds_within_capture' AS invariant,
       'payments' AS "table",
       p.id,
       format('captured %s, refunds %s', COALESCE(p.captured_amount, 0), r.refunded) AS detail
FROM payments p
JOIN (
    SELECT payment_id, SUM(amount) AS refunded
    FROM refunds
    WHERE status <> 'failed'
    GROUP BY payment_id
) r ON r.payment_id = p.id
WHERE r.refunded > COALESCE(p.captured_amount, 0)
