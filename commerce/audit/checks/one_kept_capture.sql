-- one_kept_capture: an order keeps the money of one payment at most.
-- Operator: mark the later capture refund_due through the provider's event and refund it.
SELECT 'one_kept_capture' AS invariant,
       'orders' AS "table",
       order_id AS id,
       format('%s captures kept, %s in all', COUNT(*), SUM(captured_amount)) AS detail
FROM payments
WHERE disposition = 'kept'
GROUP BY order_id
HAVING COUNT(*) > 1
