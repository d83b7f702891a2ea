-- outbox_moves: every outbox row is delivered, waits for its next attempt, or lies dead with its error.
-- Operator: check that the relay runs; read last_error of the row, then requeue it.
SELECT 'outbox_moves' AS invariant,
       'outbox' AS "table",
       id,
       format('%s %s is %s, attempt %s, due %s', topic, seq, status, attempts, next_attempt_at) AS detail
FROM outbox
WHERE CASE status
    WHEN 'delivered' THEN delivered_at IS NULL
    WHEN 'dead' THEN last_error = ''
    ELSE next_attempt_at < current_setting('audit.overdue_before')::timestamptz
END
