-- The timeline of each order, what its customer was told, and the workflow steps that were taken.
INSERT INTO order_events (
    id, created_at, updated_at, order_id, seq, from_status, to_status, actor_kind, actor_id, note
)
SELECT made.key(e.at, o.o * 16 + e.seq, 30), e.at, e.at, o.id, e.seq, e.was, e.status,
       CASE WHEN e.by_customer THEN 'customer' ELSE 'system' END,
       CASE WHEN e.by_customer THEN o.user_id END, e.note
FROM seed_orders o
JOIN seed_states s ON s.o = o.o
CROSS JOIN LATERAL (VALUES
    (1, o.placed, '', 'created', TRUE, ''),
    (2, o.placed + interval '40 milliseconds', 'created', 'pending_payment', FALSE, ''),
    (3, o.confirmed, 'pending_payment', 'confirmed', FALSE,
     CASE o.method WHEN 'cod' THEN 'cash on delivery' ELSE 'paid' END),
    (CASE WHEN o.unpaid THEN 3 ELSE 4 END, o.cancelled_at,
     CASE WHEN o.unpaid THEN 'pending_payment' ELSE 'confirmed' END, 'cancelled', NOT o.unpaid,
     CASE WHEN o.unpaid THEN 'payment_time_over' ELSE '' END),
    (4, o.packed_at, 'confirmed', 'packed', FALSE, ''),
    (5, o.shipped_at, 'packed', 'shipped', FALSE, ''),
    (6, o.on_road_at, 'shipped', 'out_for_delivery', FALSE, ''),
    (7, o.delivered_at, 'out_for_delivery', 'delivered', FALSE, ''),
    (7, o.refused_at, 'out_for_delivery', 'returned_to_origin', FALSE, 'Refused at the door'),
    (8, s.returned_at, 'delivered', 'returned', FALSE, '')
) AS e (seq, at, was, status, by_customer, note)
WHERE e.at IS NOT NULL;

CREATE TEMP TABLE seed_news AS
SELECT o.o, e.at, 'order.' || e.status AS topic, e.n
FROM seed_orders o
CROSS JOIN LATERAL (VALUES
    (1, o.confirmed, 'confirmed'), (2, o.cancelled_at, 'cancelled'), (3, o.shipped_at, 'shipped'),
    (4, o.on_road_at, 'out_for_delivery'), (5, o.delivered_at, 'delivered'),
    (6, o.refused_at, 'returned_to_origin')
) AS e (n, at, status)
WHERE e.at IS NOT NULL
UNION ALL
SELECT f.o, e.at, 'refund.' || e.status, e.n FROM seed_refunds f
CROSS JOIN LATERAL (VALUES (7, f.asked, 'initiated'), (8, f.done, 'succeeded'))
    AS e (n, at, status)
UNION ALL
SELECT r.o, e.at, 'return.' || e.status, e.n FROM seed_returns r
CROSS JOIN LATERAL (VALUES
    (9, r.requested, 'requested'),
    (10, r.judged, CASE WHEN r.refused THEN 'rejected' ELSE 'approved' END),
    (11, r.received, 'received')
) AS e (n, at, status)
WHERE e.at IS NOT NULL;
ANALYZE seed_news;

INSERT INTO outbox (
    seq, id, created_at, updated_at, topic, aggregate_type, aggregate_id, payload, status, attempts,
    next_attempt_at, delivered_at
)
SELECT row_number() OVER (ORDER BY e.at, e.o, e.n), made.key(e.at, e.o * 16 + e.n, 31), e.at,
       e.at, e.topic, split_part(e.topic, '.', 1),
       CASE WHEN e.n <= 6 THEN o.id WHEN e.n <= 8 THEN f.id ELSE r.id END,
       CASE WHEN e.n = 1 THEN jsonb_build_object(
                'order_id', o.id, 'number', o.number, 'user_id', o.user_id,
                'total', o.total::numeric(12, 2)::text, 'payment_method', o.method)
            WHEN e.n <= 6 THEN jsonb_build_object(
                'order_id', o.id, 'number', o.number, 'user_id', o.user_id,
                'total', o.total::numeric(12, 2)::text, 'currency', 'INR')
            WHEN e.n <= 8 THEN jsonb_build_object(
                'order_id', o.id, 'number', o.number, 'user_id', o.user_id, 'refund_id', f.id,
                'amount', f.amount::numeric(12, 2)::text)
            ELSE jsonb_build_object(
                'order_id', o.id, 'number', o.number, 'user_id', o.user_id, 'return_id', r.id,
                'return_number', r.number) END,
       'delivered', 1, e.at, e.at + interval '1 second'
FROM seed_news e
JOIN seed_orders o ON o.o = e.o
LEFT JOIN seed_refunds f ON f.o = e.o AND e.n IN (7, 8)
LEFT JOIN seed_returns r ON r.o = e.o AND e.n > 8;

CREATE TEMP TABLE seed_steps AS
SELECT o.o, e.n, e.kind, e.step, e.at, o.id AS saga_id, o.id AS subject_id, e.payload,
       e.compensation
FROM seed_orders o
CROSS JOIN LATERAL (VALUES
    (1, 'place', 'freeze_order_pricing', o.placed, '{}', 'cancel_order'),
    (2, 'place', 'register_payment_attempt', CASE WHEN o.method = 'cod' THEN o.confirmed END,
     '{"provider": "cod"}', 'cancel_order'),
    (3, 'place', 'decrease_inventory', CASE WHEN o.method = 'cod' THEN o.confirmed END, '{}', ''),
    (4, 'cancel', 'release_inventory', CASE WHEN o.unpaid THEN o.cancelled_at END,
     '{"reason": "cancelled"}', ''),
    (5, 'cancel', 'restore_inventory', CASE WHEN NOT o.unpaid THEN o.cancelled_at END,
     '{"reason": "cancelled"}', ''),
    (6, 'cancel', 'restore_inventory', o.refused_at, '{"reason": "returned_to_origin"}', ''),
    (7, 'cancel', 'rollback_coupon',
     CASE WHEN o.coupon_id IS NOT NULL THEN COALESCE(o.cancelled_at, o.refused_at) END,
     CASE WHEN o.refused_at IS NULL THEN '{"reason": "cancelled"}'
          ELSE '{"reason": "returned_to_origin"}' END, '')
) AS e (n, kind, step, at, payload, compensation)
WHERE e.at IS NOT NULL
UNION ALL
SELECT e.o, 8, 'settle', CASE e.outcome WHEN 'late' THEN 'initiate_refund'
                                        ELSE 'decrease_inventory' END, e.at, e.id,
       CASE e.outcome WHEN 'late' THEN e.payment_id ELSE o.id END,
       CASE e.outcome WHEN 'late' THEN '{"reason": "late_capture"}' ELSE '{}' END, ''
FROM seed_payment_events e JOIN seed_orders o ON o.o = e.o
WHERE e.kind = 'payment.captured'
UNION ALL
SELECT f.o, 9, 'cancel', 'initiate_refund', f.asked, o.id, o.payment_id, '{"reason": "cancelled"}',
       ''
FROM seed_refunds f JOIN seed_orders o ON o.o = f.o WHERE f.reason = 'cancelled'
UNION ALL
SELECT r.o, e.n, 'return', e.step, r.received, r.id, r.id,
       CASE e.n WHEN 12 THEN '{"to": "closed"}'
                ELSE jsonb_build_object('return_id', r.id, 'payment_id', o.payment_id)::text END, ''
FROM seed_returns r
JOIN seed_orders o ON o.o = r.o
CROSS JOIN (VALUES (10, 'restore_inventory'), (11, 'initiate_refund'),
                   (12, 'update_return_status')) AS e (n, step)
WHERE r.received IS NOT NULL;
ANALYZE seed_steps;

INSERT INTO saga_log (
    id, created_at, updated_at, kind, saga_id, step, subject_id, status, payload, payload_hash,
    compensation, due_at, finished_at
)
SELECT made.key(e.at, e.o * 16 + e.n, 32), e.at, e.at + interval '50 milliseconds', e.kind,
       e.saga_id, e.step, e.subject_id, 'done', e.payload::jsonb,
       encode(sha256(convert_to(e.payload, 'UTF8')), 'hex'), e.compensation,
       e.at + interval '1 minute', e.at + interval '50 milliseconds'
FROM seed_steps e;
