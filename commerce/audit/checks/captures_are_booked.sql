-- captures_are_booked: a capture that was settled is captured money of its payment, as much of it as was told.
-- Operator: believe the provider's records; book the payment again, then refund it or let the order go on.
-- Sums in which each payment and amount has a random weight of its own agree only if all do; then none is joined.
WITH weighed AS (
    SELECT SUM(uuid_hash_extended(id, hash_numeric_extended(amount, (SELECT current_setting('audit.seed')::bigint)))
               * side) AS balance
    FROM (
        SELECT payment_id AS id, amount, currency, 1 AS side
        FROM payment_events
        WHERE kind = 'payment.captured' AND outcome IN ('settled', 'late') AND status = 'settled'
        UNION ALL
        SELECT id, captured_amount, currency, -1
        FROM payments p
        WHERE status = 'captured' AND provider <> 'cod'
          -- another amount than was due is booked as well, as money to give back
          AND (disposition = 'kept' OR NOT EXISTS (
              SELECT FROM payment_events m WHERE m.payment_id = p.id AND m.outcome = 'mismatch'))
    ) told
    GROUP BY currency
)
SELECT 'captures_are_booked' AS invariant,
       'payment_events' AS "table",
       e.id,
       format('%s told %s %s and is %s, payment %s is %s with %s', e.provider, e.amount, e.currency, e.outcome,
              e.payment_id, p.status, COALESCE(p.captured_amount, 0)) AS detail
FROM payment_events e
LEFT JOIN payments p ON p.id = e.payment_id
WHERE EXISTS (SELECT FROM weighed WHERE balance <> 0)
  AND e.kind = 'payment.captured'
  AND e.status = 'settled'
  AND e.outcome IN ('settled', 'late')
  AND (p.status = 'captured' AND p.captured_amount = e.amount AND p.currency = e.currency) IS NOT TRUE
