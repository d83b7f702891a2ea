-- refunds_move: a refund ends in time, and the money of one that failed is asked for anew.
-- Operator: unfinished: see that the job that submits refunds runs, ask the provider; failed: initiate it anew.
SELECT 'refunds_move' AS invariant,
       'refunds' AS "table",
       f.id,
       format('%s of %s by %s is %s, attempt %s, initiated %s%s', f.amount, o.number, f.provider, f.status,
              f.attempts, f.created_at, CASE f.status WHEN 'failed' THEN ': ' || f.failure_code ELSE '' END)
           AS detail
FROM refunds f
JOIN orders o ON o.id = f.order_id
-- Of the same payment: what was asked for since this one failed, and what has failed since, this one too
CROSS JOIN LATERAL (
    SELECT SUM(a.amount) FILTER (WHERE a.created_at > COALESCE(f.finished_at, f.updated_at)) AS asked,
           SUM(a.amount) FILTER (
               WHERE a.status = 'failed'
                 AND COALESCE(a.finished_at, a.updated_at) >= COALESCE(f.finished_at, f.updated_at)
           ) AS failed
    FROM refunds a
    WHERE a.payment_id = f.payment_id
) s
WHERE CASE f.status
    WHEN 'initiated' THEN f.created_at < current_setting('audit.overdue_before')::timestamptz
    -- banks take days, which is not for us to hurry
    WHEN 'processing' THEN
        f.updated_at < current_setting('audit.overdue_before')::timestamptz - interval '7 days'
    WHEN 'failed' THEN
        COALESCE(f.finished_at, f.updated_at) < current_setting('audit.overdue_before')::timestamptz
        AND COALESCE(s.asked, 0) < s.failed
    ELSE FALSE
END
