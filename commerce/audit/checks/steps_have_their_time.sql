-- steps_have_their_time: an order has the time of each step that its status tells; without it other checks are blind.
-- Operator: set the missing time from the order's events.
SELECT 'steps_have_their_time' AS invariant,
       'orders' AS "table",
       id,
       format('%s is %s: frozen %s, confirmed %s, shipped %s, delivered %s, closed %s', number, status, frozen_at,
              confirmed_at, shipped_at, delivered_at, closed_at) AS detail
FROM priced_orders
WHERE CASE status
    WHEN 'created' THEN FALSE
    WHEN 'pending_payment' THEN frozen_at IS NULL
    WHEN 'confirmed' THEN num_nulls(frozen_at, confirmed_at) > 0
    WHEN 'packed' THEN num_nulls(frozen_at, confirmed_at) > 0
    WHEN 'cancelled' THEN closed_at IS NULL OR (confirmed_at IS NOT NULL AND frozen_at IS NULL)
    WHEN 'returned_to_origin' THEN num_nulls(frozen_at, confirmed_at, shipped_at, closed_at) > 0
    WHEN 'delivered' THEN num_nulls(frozen_at, confirmed_at, shipped_at, delivered_at) > 0
    WHEN 'returned' THEN num_nulls(frozen_at, confirmed_at, shipped_at, delivered_at, closed_at) > 0
    ELSE num_nulls(frozen_at, confirmed_at, shipped_at) > 0
END
