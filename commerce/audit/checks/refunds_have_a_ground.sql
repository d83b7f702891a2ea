-- refunds_have_a_ground: a refund is of its payment's order; one that succeeded was told so by an event of its own.
-- Operator: ask the provider for the refund; if it paid nothing back, the customer is still owed the money.
SELECT 'refunds_have_a_ground' AS invariant,
       'refunds' AS "table",
       r.id,
       format('%s by %s is %s, of %s with a payment of %s', r.amount, r.provider, r.status,
              (SELECT number FROM orders WHERE id = r.order_id),
              (SELECT o.number FROM payments p JOIN orders o ON o.id = p.order_id WHERE p.id = r.payment_id))
           AS detail
FROM refunds r
-- refunds are few: their payments and events are looked up one by one
WHERE r.order_id <> (SELECT p.order_id FROM payments p WHERE p.id = r.payment_id)
   OR (r.status = 'succeeded' AND NOT EXISTS (
       SELECT FROM payment_events e
       WHERE e.refund_id = r.id AND e.kind = 'refund.processed' AND e.status = 'settled' AND e.outcome = 'settled'
         AND COALESCE(e.amount, r.amount) = r.amount
   ))
