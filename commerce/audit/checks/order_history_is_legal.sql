-- order_history_is_legal: an order's events lead by legal steps from created to the status it has.
-- Operator: read the order's events; find what wrote its status outside update_order_status and cancel_order.
-- Few histories differ, so each kind of them is judged once; whose it is, is asked when one is illegal.
WITH histories AS (
    SELECT order_id,
           string_agg(from_status, '>' ORDER BY seq) AS sources,
           string_agg(to_status, '>' ORDER BY seq) AS targets,
           string_agg(actor_kind, '>' ORDER BY seq) AS actors,
           MAX(seq) AS last_seq
    FROM order_events
    GROUP BY order_id
),
kinds AS (
    SELECT o.status, h.sources, h.targets, h.actors, h.last_seq <= o.version AS counted
    FROM orders o
    LEFT JOIN histories h ON h.order_id = o.id
    GROUP BY 1, 2, 3, 4, 5
),
illegal_kinds AS (
    SELECT
    FROM kinds k
    CROSS JOIN LATERAL (
        SELECT bool_and(CASE WHEN e.source = '' THEN e.target = 'created' ELSE t.id IS NOT NULL END) AS legal
        FROM unnest(string_to_array(k.sources, '>'), string_to_array(k.targets, '>'),
                    string_to_array(k.actors, '>')) AS e (source, target, actor)
        LEFT JOIN order_status_transitions t
            ON t.from_status = e.source AND t.to_status = e.target AND t.actor = e.actor
    ) step
    -- each event begins where the one before it ended: one list is the other, shifted by one
    WHERE (k.counted AND step.legal AND '>' || k.targets = k.sources || '>' || k.status) IS NOT TRUE
),
steps AS (
    SELECT e.order_id,
           e.seq,
           e.from_status,
           e.to_status,
           e.actor_kind,
           lag(e.to_status, 1, '') OVER history AS reached,
           lead(e.seq) OVER history IS NULL AS is_last
    FROM order_events e
    WINDOW history AS (PARTITION BY e.order_id ORDER BY e.seq)
)
SELECT 'order_history_is_legal' AS invariant,
       'orders' AS "table",
       o.id,
       CASE WHEN s.order_id IS NULL THEN format('%s is %s without an event', o.number, o.status)
            ELSE format('%s is %s, version %s: event %s by %s says %s to %s after %s', o.number, o.status,
                        o.version, s.seq, s.actor_kind, s.from_status, s.to_status, s.reached) END AS detail
FROM orders o
LEFT JOIN steps s ON s.order_id = o.id
LEFT JOIN order_status_transitions t
    ON t.from_status = s.from_status AND t.to_status = s.to_status AND t.actor = s.actor_kind
WHERE EXISTS (SELECT FROM illegal_kinds)
  AND (s.order_id IS NULL
       OR s.from_status <> s.reached
       OR (s.is_last AND (s.to_status <> o.status OR s.seq > o.version))
       OR CASE WHEN s.from_status = '' THEN s.to_status <> 'created' ELSE t.id IS NULL END)
