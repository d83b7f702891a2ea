-- Payments, refunds, returns, and what the provider told about them.
CREATE TEMP TABLE seed_payments AS
SELECT o.o, o.payment_id AS id, 1 + p.fails::integer AS attempt, o.id AS order_id,
       CASE o.method WHEN 'cod' THEN 'cod' ELSE 'sandbox' END AS provider, o.total AS amount,
       CASE WHEN s.kept OR o.pays_late THEN 'captured'
            WHEN o.method = 'cod' AND o.refused_at IS NOT NULL THEN 'failed'
            WHEN o.cancelled_at IS NOT NULL THEN 'expired' ELSE 'initiated' END AS status,
       CASE WHEN o.pays_late THEN 'refund_due' WHEN s.kept THEN 'kept' END AS disposition,
       o.placed + interval '1 second' AS at,
       CASE WHEN o.pays_late THEN o.cancelled_at + interval '1 hour'
            WHEN o.method = 'cod' THEN o.delivered_at WHEN s.kept THEN o.confirmed END AS captured_at,
       COALESCE(o.refused_at, o.cancelled_at, o.placed) AS ended_at
FROM seed_orders o
JOIN seed_states s ON s.o = o.o
CROSS JOIN LATERAL (SELECT o.fails_first AND o.confirmed IS NOT NULL AS fails) p
UNION ALL
SELECT o.o, made.key(o.placed, o.o, 15), 1, o.id, 'sandbox', o.total, 'failed', NULL,
       o.placed + interval '1 second', NULL, o.placed + interval '30 seconds'
FROM seed_orders o WHERE o.fails_first AND o.confirmed IS NOT NULL;
ANALYZE seed_payments;

INSERT INTO payments (
    id, created_at, updated_at, version, order_id, provider, attempt, amount, currency, status,
    disposition, captured_amount, provider_order_id, provider_payment_id, failure_code, expires_at,
    captured_at
)
SELECT id, at, COALESCE(captured_at, ended_at),
       CASE WHEN provider = 'cod' THEN 1 ELSE 2 END + (status <> 'initiated')::integer,
       order_id, provider, attempt, amount, 'INR', status, disposition,
       CASE WHEN status = 'captured' THEN amount END,
       CASE WHEN provider <> 'cod' THEN 'sbx_order_' || replace(id::text, '-', '') END,
       CASE WHEN provider <> 'cod' AND status = 'captured'
            THEN 'sbx_pay_' || right(replace(id::text, '-', ''), 20) END,
       CASE WHEN status <> 'failed' THEN '' WHEN provider = 'cod' THEN 'returned_to_origin'
            ELSE 'declined_by_provider' END,
       CASE WHEN provider <> 'cod' THEN at + interval '30 minutes' END, captured_at
FROM seed_payments;

INSERT INTO returns (
    id, created_at, updated_at, version, order_id, number, status, reason, staff_note, approved_at,
    received_at, closed_at, created_by_id
)
SELECT r.id, r.requested, COALESCE(r.received, r.judged, r.requested),
       1 + (r.judged IS NOT NULL)::integer + 2 * (r.received IS NOT NULL)::integer,
       r.order_id, r.number,
       CASE WHEN r.judged IS NULL THEN 'requested' WHEN r.refused THEN 'rejected'
            WHEN r.received IS NULL THEN 'approved' ELSE 'closed' END,
       w.return_reasons[made.pick(r.o, 93, cardinality(w.return_reasons))],
       CASE WHEN r.judged IS NOT NULL AND r.refused THEN 'Tags were removed' ELSE '' END,
       CASE WHEN NOT r.refused THEN r.judged END, r.received,
       CASE WHEN r.refused THEN r.judged WHEN r.received IS NOT NULL THEN r.repaid END, r.user_id
FROM seed_returns r CROSS JOIN seed_story w ORDER BY r.r;

INSERT INTO return_items (
    id, created_at, updated_at, return_id, order_item_id, quantity, condition, restored_at,
    created_by_id
)
SELECT i.id, i.requested, COALESCE(i.received, i.requested), r.id, i.item_id, i.quantity,
       CASE WHEN i.received IS NULL THEN '' ELSE i.condition END, i.received, r.user_id
FROM seed_return_items i JOIN seed_returns r ON r.o = i.o;

INSERT INTO refunds (
    id, created_at, updated_at, version, payment_id, order_id, return_id, provider, amount,
    currency, reason, status, provider_refund_id, attempts, next_attempt_at, finished_at
)
SELECT f.id, f.asked, f.done, 2, o.payment_id, o.id, f.return_id, 'sandbox', f.amount, 'INR',
       f.reason, 'succeeded', 'sbx_refund_' || replace(f.id::text, '-', ''), 1, f.asked, f.done
FROM seed_refunds f JOIN seed_orders o ON o.o = f.o ORDER BY f.asked;

INSERT INTO refund_items (id, created_at, updated_at, refund_id, order_item_id, quantity, amount)
SELECT made.key(f.asked, i.l, 23), f.asked, f.asked, f.id, i.item_id, i.quantity, i.amount
FROM seed_refunds f JOIN seed_return_items i ON i.o = f.o
WHERE f.return_id IS NOT NULL;

CREATE TEMP TABLE seed_payment_events AS
SELECT p.o, p.id AS payment_id, NULL::uuid AS refund_id, p.amount, 'webhook' AS source,
       CASE p.status WHEN 'captured' THEN 'payment.captured' ELSE 'payment.failed' END AS kind,
       COALESCE(p.captured_at, p.ended_at) AS at,
       CASE p.disposition WHEN 'refund_due' THEN 'late' ELSE 'settled' END AS outcome,
       made.key(COALESCE(p.captured_at, p.ended_at), p.o * 2 + p.attempt, 24) AS id,
       replace(p.id::text, '-', '') AS code, 'sbx_pay_' || right(replace(p.id::text, '-', ''), 20)
           AS provider_payment_id
FROM seed_payments p
WHERE p.provider = 'sandbox' AND p.status IN ('captured', 'failed')
UNION ALL
SELECT f.o, o.payment_id, f.id, f.amount, 'provider', 'refund.processed', f.done, 'settled',
       made.key(f.done, f.o, 25), replace(f.id::text, '-', ''),
       CASE o.method WHEN 'online' THEN 'sbx_pay_' || right(replace(o.payment_id::text, '-', ''), 20)
       END
FROM seed_refunds f JOIN seed_orders o ON o.o = f.o;

INSERT INTO payment_events (
    seq, id, created_at, updated_at, provider, event_id, kind, source, payment_id, refund_id,
    provider_order_id, provider_payment_id, provider_refund_id, amount, currency, raw_body, status,
    outcome, attempts, next_attempt_at, settled_at
)
SELECT row_number() OVER (ORDER BY e.at, e.id), e.id, e.at, e.at, 'sandbox',
       CASE WHEN e.refund_id IS NULL THEN 'evt_' || e.code || '_' || e.kind
            ELSE 'refund:sbx_refund_' || e.code END,
       e.kind, e.source, e.payment_id, e.refund_id,
       CASE WHEN e.refund_id IS NULL THEN 'sbx_order_' || e.code END, e.provider_payment_id,
       CASE WHEN e.refund_id IS NOT NULL THEN 'sbx_refund_' || e.code END, e.amount, 'INR',
       '{"event": "' || e.kind || '", "id": "' || e.code || '"}', 'settled', e.outcome, 1, e.at, e.at
FROM seed_payment_events e;
