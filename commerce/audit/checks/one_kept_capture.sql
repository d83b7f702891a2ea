-- one_kept_capture: an order keeps the money of one payment at most.
-- Operator: mark the later capture refund_due through the provider's event and refund it.
SELECT 'one_kept_capture' AS invariant,
       'orders' AS "table",
       kept.order_id AS id,
       format('%s captures kept, %s in all', kept.captures,
              (SELECT SUM(captured_amount) FROM payments p
               WHERE p.order_id = kept.order_id AND p.disposition = 'kept')) AS detail
FROM (
    SELECT order_id, COUNT(*) AS captures
    FROM payments
    WHERE disposition = 'kept'
    GROUP BY order_id
    HAVING COUNT(*) > 1
) kept
