-- mismatches_are_seen: what a provider told against the books stays in sight until its later word agrees with them.
-- Operator: compare with the provider's records; have it pay back money we don't hold and send its last word again.
SELECT 'mismatches_are_seen' AS invariant,
       'payment_events' AS "table",
       e.id,
       format('%s %s: %s', e.provider, e.kind, e.note) AS detail
FROM payment_events e
LEFT JOIN payments p ON p.id = e.payment_id
LEFT JOIN refunds r ON r.id = e.refund_id
WHERE e.status = 'settled'
  AND e.outcome = 'mismatch'
  -- another amount of a capture is booked and due back: captures_have_a_home follows it from there
  AND CASE WHEN e.refund_id IS NULL THEN
      p.status = 'captured' AND p.captured_amount = e.amount AND p.currency = e.currency
      AND p.provider_payment_id IS NOT DISTINCT FROM COALESCE(e.provider_payment_id, p.provider_payment_id)
  ELSE
      r.amount = COALESCE(e.amount, r.amount) AND r.currency = COALESCE(e.currency, r.currency)
      AND r.status = CASE e.kind WHEN 'refund.processed' THEN 'succeeded' WHEN 'refund.failed' THEN 'failed'
                                 ELSE r.status END
  END IS NOT TRUE
  -- a later word of the provider (a client's return only repeats our own figures) about the same money
  AND NOT EXISTS (
      SELECT FROM payment_events w
      WHERE w.seq > e.seq AND w.status = 'settled' AND w.outcome <> 'mismatch' AND w.source <> 'client'
        AND CASE WHEN e.refund_id IS NULL THEN
            w.payment_id = e.payment_id
            AND w.provider_payment_id IS NOT DISTINCT FROM e.provider_payment_id
            AND (w.kind = 'payment.captured' OR p.status <> 'captured'
                 OR p.provider_payment_id IS DISTINCT FROM e.provider_payment_id)
        ELSE
            w.refund_id = e.refund_id AND w.kind <> 'refund.processing'
        END
  )
