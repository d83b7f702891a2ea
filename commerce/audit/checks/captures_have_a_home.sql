-- captures_have_a_home: a kept capture belongs to a living order; all other captured money is on its way back.
-- Operator: initiate the refund of this payment; if one failed, ask the provider why and initiate it anew.
SELECT 'captures_have_a_home' AS invariant,
       'payments' AS "table",
       p.id,
       format('captured %s is %s, order %s is %s, refunds %s', p.captured_amount, p.disposition, o.number,
              o.status, COALESCE(r.refunded, 0)) AS detail
FROM payments p
JOIN orders o ON o.id = p.order_id
LEFT JOIN (
    SELECT payment_id, SUM(amount) AS refunded
    FROM refunds
    WHERE status <> 'failed'
    GROUP BY payment_id
) r ON r.payment_id = p.id
WHERE p.status = 'captured'
  AND CASE
      WHEN p.disposition = 'kept' AND o.status IN ('created', 'pending_payment') THEN TRUE
      WHEN p.disposition = 'kept' AND o.status NOT IN ('cancelled', 'returned_to_origin') THEN FALSE
      ELSE COALESCE(r.refunded, 0) < p.captured_amount
           AND GREATEST(p.captured_at, CASE p.disposition WHEN 'kept' THEN o.closed_at END)
               < current_setting('audit.overdue_before')::timestamptz
  END
