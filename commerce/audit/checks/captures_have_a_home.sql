-- captures_have_a_home: a kept capture belongs to a living order; all other captured money is on its way back.
-- Operator: initiate the refund of this payment; if one failed, ask the provider why and initiate it anew.
WITH captures AS (
    SELECT p.*, o.number, o.status AS order_status, o.closed_at, TRUE AS homeless
    FROM payments p
    JOIN orders o ON o.id = p.order_id
    WHERE p.disposition = 'kept' AND o.status IN ('created', 'pending_payment')
    UNION ALL
    SELECT p.*, o.number, o.status, o.closed_at, FALSE
    FROM payments p
    JOIN orders o ON o.id = p.order_id
    WHERE p.disposition = 'kept' AND o.status IN ('cancelled', 'returned_to_origin')
    UNION ALL
    SELECT p.*, o.number, o.status, NULL, FALSE
    FROM payments p
    JOIN orders o ON o.id = p.order_id
    WHERE p.disposition IS DISTINCT FROM 'kept'
)
SELECT 'captures_have_a_home' AS invariant,
       'payments' AS "table",
       c.id,
       format('captured %s is %s, order %s is %s, refunds %s', c.captured_amount, c.disposition, c.number,
              c.order_status, COALESCE(r.refunded, 0)) AS detail
FROM captures c
LEFT JOIN (
    SELECT payment_id, SUM(amount) AS refunded
    FROM refunds
    WHERE status <> 'failed'
    GROUP BY payment_id
) r ON r.payment_id = c.id
WHERE c.status = 'captured'
  AND (c.homeless
       OR (COALESCE(r.refunded, 0) < c.captured_amount
           AND COALESCE(GREATEST(c.captured_at, c.closed_at), c.updated_at)
               < current_setting('audit.overdue_before')::timestamptz))
