-- saga_moves: every step of a workflow is taken in time, or undone; none is given up.
-- Operator: pending: see that the job that resumes workflows runs; failed: mend last_error, try again in the admin.
SELECT 'saga_moves' AS invariant,
       'saga_log' AS "table",
       id,
       format('%s %s of %s is %s, attempt %s, due %s: %s', kind, step, subject_id, status, attempts, due_at,
              COALESCE(NULLIF(last_error, ''), 'no error')) AS detail
FROM saga_log
WHERE status = 'failed'
   OR (status = 'pending' AND due_at < current_setting('audit.overdue_before')::timestamptz)
