-- events_settle: every payment event is settled with an outcome, or waits with a reason, tried again, not for ever.
-- Operator: check that the job that settles events runs; compare the event with the provider's records.
SELECT 'events_settle' AS invariant,
       'payment_events' AS "table",
       id,
       format('%s %s is %s, outcome "%s", attempt %s, due %s', provider, kind, status, outcome, attempts,
              next_attempt_at) AS detail
FROM payment_events
WHERE CASE status
    WHEN 'settled' THEN outcome IN ('', 'unmatched') OR settled_at IS NULL
    ELSE (attempts > 0 AND note = '')
         OR next_attempt_at < current_setting('audit.overdue_before')::timestamptz
         -- of a payment we know it lacks the amount; one we don't know yet may still be told to us
         OR created_at < current_setting('audit.overdue_before')::timestamptz
                         - CASE WHEN payment_id IS NULL THEN interval '1 day' ELSE interval '0' END
END
