-- verify_payment: the only settlement: moves payment, order, coupon or refund on by a recorded event.
-- Caller:   POST /payments/webhooks/{provider}, POST /payments/{id}/verify, the job that settles waiting events
-- In:       p_event_id of payment_events
-- Out:      o_outcome settled, duplicate, late, mismatch or unmatched; o_order_id, o_payment_id, o_refund_id
--           of what it moved; o_order_status afterwards
-- Locks:    order, payment, refund, event, coupon
-- Errors:   SH404 event_not_found
-- Repeat:   a settled event returns its recorded outcome; an event that tells nothing new is a duplicate,
--           one that tells otherwise than what is booked a mismatch: neither moves anything
-- Keeps:    at most one kept capture per order, and none on an order that is not alive; every other capture
--           has its refund recorded as the next step; an order is confirmed and its coupon redeemed together
CREATE OR REPLACE PROCEDURE verify_payment(
    p_event_id uuid,
    INOUT o_outcome text DEFAULT NULL,
    INOUT o_order_id uuid DEFAULT NULL,
    INOUT o_payment_id uuid DEFAULT NULL,
    INOUT o_refund_id uuid DEFAULT NULL,
    INOUT o_order_status text DEFAULT NULL
)
LANGUAGE plpgsql
AS $procedure$
DECLARE
    v_event payment_events%ROWTYPE;
    v_payment payments%ROWTYPE;
    v_booked payments%ROWTYPE;
    v_refund refunds%ROWTYPE;
    v_order orders%ROWTYPE;
    v_order_id uuid;
    v_payment_id uuid;
    v_refund_id uuid;
    v_note text := '';
    v_step text;
    v_payload jsonb := '{}'::jsonb;
BEGIN
    BEGIN
        -- Unlocked, only to find the order; everything is read again under the locks
        SELECT * INTO v_event FROM payment_events WHERE id = p_event_id;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'event_not_found' USING ERRCODE = 'SH404',
                DETAIL = jsonb_build_object('event_id', p_event_id)::text;
        END IF;
        IF starts_with(v_event.kind, 'refund.') THEN
            SELECT r.id, r.payment_id, r.order_id INTO v_refund_id, v_payment_id, v_order_id
            FROM refunds r
            WHERE r.id = v_event.refund_id
               OR (r.provider = v_event.provider AND r.provider_refund_id = v_event.provider_refund_id)
            ORDER BY (r.provider_refund_id = v_event.provider_refund_id) IS TRUE DESC
            LIMIT 1;
        ELSE
            SELECT p.id, p.order_id INTO v_payment_id, v_order_id
            FROM payments p
            WHERE p.id = v_event.payment_id
               OR (p.provider = v_event.provider AND p.provider_payment_id = v_event.provider_payment_id)
               OR (p.provider = v_event.provider AND p.provider_order_id = v_event.provider_order_id)
            ORDER BY (p.provider_payment_id = v_event.provider_payment_id) IS TRUE DESC,
                     (p.id = v_event.payment_id) IS TRUE DESC
            LIMIT 1;
        END IF;

        -- Without a match the next three lock nothing
        -- lock 1/5: order
        SELECT * INTO v_order FROM orders WHERE id = v_order_id FOR UPDATE;
        -- lock 2/5: payments
        PERFORM 1 FROM payments WHERE order_id = v_order_id ORDER BY id FOR UPDATE;
        -- lock 3/5: refunds
        PERFORM 1 FROM refunds WHERE payment_id = v_payment_id ORDER BY id FOR UPDATE;
        -- lock 4/5: event
        SELECT * INTO v_event FROM payment_events WHERE id = p_event_id FOR UPDATE;
        SELECT * INTO v_payment FROM payments WHERE id = v_payment_id;
        SELECT * INTO v_refund FROM refunds WHERE id = v_refund_id;

        IF v_event.status = 'settled' THEN
            o_outcome := v_event.outcome;
        ELSIF v_payment.id IS NULL THEN
            o_outcome := 'unmatched';
            v_note := 'no payment or refund of ours has these ids yet';

        ELSIF v_event.kind = 'payment.captured' THEN
            -- The same money: booked under its id, or under none where one of the two tells none
            SELECT * INTO v_booked FROM payments
            WHERE provider = v_event.provider AND status = 'captured'
              AND (provider_payment_id = v_event.provider_payment_id
                   OR (id = v_payment.id AND num_nulls(provider_payment_id, v_event.provider_payment_id) > 0))
            ORDER BY (provider_payment_id = v_event.provider_payment_id) IS TRUE DESC
            LIMIT 1;
            IF v_booked.id IS NOT NULL THEN
                v_payment := v_booked;
                o_outcome := CASE
                    WHEN v_event.source = 'client' THEN 'duplicate'  -- whose amount is our own, not told
                    WHEN v_event.amount <> v_booked.captured_amount
                      OR v_event.currency <> v_booked.currency THEN 'mismatch'
                    ELSE 'duplicate'
                END;
                UPDATE payments
                SET provider_payment_id = v_event.provider_payment_id, version = version + 1,
                    updated_at = clock_timestamp()
                WHERE id = v_booked.id AND provider_payment_id IS NULL AND o_outcome = 'duplicate'
                  AND v_event.provider_payment_id IS NOT NULL;
            ELSIF v_event.amount IS NULL OR v_event.currency IS NULL THEN
                o_outcome := 'unmatched';  -- one that tells both may follow
                v_note := 'the capture names no amount or no currency';
            ELSIF v_event.currency <> v_payment.currency OR v_event.amount <= 0 THEN
                o_outcome := 'mismatch';  -- cannot be booked or refunded in our currency: a person looks
            ELSE
                o_outcome := CASE
                    WHEN v_payment.status = 'captured' THEN 'late'
                    WHEN v_event.amount <> v_payment.amount THEN 'mismatch'
                    WHEN v_order.status = 'pending_payment' THEN 'settled'
                    ELSE 'late'
                END;
                v_step := CASE o_outcome WHEN 'settled' THEN 'decrease_inventory' ELSE 'initiate_refund' END;
                IF v_payment.status = 'captured' THEN  -- the customer paid the same attempt twice
                    INSERT INTO payments (
                        order_id, provider, attempt, amount, currency, status, disposition, captured_amount,
                        provider_payment_id, captured_at
                    )
                    SELECT v_order.id, v_payment.provider, MAX(p.attempt) + 1, v_payment.amount,
                           v_payment.currency, 'captured', 'refund_due', v_event.amount,
                           v_event.provider_payment_id, clock_timestamp()
                    FROM payments p WHERE p.order_id = v_order.id
                    RETURNING * INTO v_payment;
                ELSE
                    UPDATE payments
                    SET status = 'captured', captured_amount = v_event.amount, captured_at = clock_timestamp(),
                        disposition = CASE o_outcome WHEN 'settled' THEN 'kept' ELSE 'refund_due' END,
                        provider_payment_id = COALESCE(v_event.provider_payment_id, provider_payment_id),
                        failure_code = '', version = version + 1, updated_at = clock_timestamp()
                    WHERE id = v_payment.id;
                END IF;
            END IF;
            IF o_outcome = 'mismatch' THEN
                v_note := format('captured %s %s, %s %s %s', v_event.amount, v_event.currency,
                                 CASE WHEN v_booked.id IS NULL THEN 'due' ELSE 'booked' END,
                                 COALESCE(v_booked.captured_amount, v_payment.amount), v_payment.currency);
            END IF;

            IF o_outcome = 'settled' THEN
                UPDATE payments
                SET status = 'expired', version = version + 1, updated_at = clock_timestamp()
                WHERE order_id = v_order.id AND status = 'initiated';
                IF v_order.coupon_id IS NOT NULL THEN
                    -- lock 5/5: coupon
                    PERFORM 1 FROM coupons WHERE id = v_order.coupon_id FOR UPDATE;
                    UPDATE coupon_usage
                    SET status = 'redeemed', version = version + 1, updated_at = clock_timestamp()
                    WHERE order_id = v_order.id AND status = 'bound';
                END IF;
                UPDATE orders
                SET status = 'confirmed', payment_status = 'paid', confirmed_at = clock_timestamp(),
                    expires_at = NULL, version = version + 1, updated_at = clock_timestamp()
                WHERE id = v_order.id
                RETURNING * INTO v_order;
                INSERT INTO order_events (order_id, seq, from_status, to_status, actor_kind, note)
                VALUES (v_order.id, v_order.version, 'pending_payment', 'confirmed', 'system', 'paid');
                INSERT INTO outbox (topic, aggregate_type, aggregate_id, payload)
                VALUES ('order.confirmed', 'order', v_order.id, jsonb_build_object(
                    'order_id', v_order.id, 'number', v_order.number, 'user_id', v_order.user_id,
                    'total', v_order.total::text, 'payment_method', v_order.payment_method));
            ELSIF v_step IS NOT NULL THEN
                v_payload := jsonb_build_object('reason', CASE
                    WHEN o_outcome = 'mismatch' THEN 'amount_mismatch'
                    WHEN v_order.status IN ('cancelled', 'returned_to_origin') THEN 'late_capture'
                    ELSE 'second_capture' END);
            END IF;
            INSERT INTO saga_log (kind, saga_id, step, subject_id, payload, payload_hash, due_at)
            SELECT 'settle', p_event_id, v_step,
                   CASE o_outcome WHEN 'settled' THEN v_order.id ELSE v_payment.id END, v_payload,
                   encode(sha256(convert_to(v_payload::text, 'UTF8')), 'hex'),
                   clock_timestamp() + interval '1 minute'
            WHERE v_step IS NOT NULL
            ON CONFLICT (kind, saga_id, step, subject_id) DO NOTHING;

        ELSIF v_event.kind = 'payment.failed' THEN
            UPDATE payments
            SET status = 'failed', failure_code = 'declined_by_provider', version = version + 1,
                updated_at = clock_timestamp()
            WHERE id = v_payment.id AND status = 'initiated';
            o_outcome := CASE WHEN FOUND THEN 'settled' ELSE 'duplicate' END;

        ELSIF COALESCE(v_event.amount, v_refund.amount) <> v_refund.amount
              OR COALESCE(v_event.currency, v_refund.currency) <> v_refund.currency THEN
            o_outcome := 'mismatch';  -- moves nothing: a person looks
            v_note := format('refunded %s %s, asked %s %s', v_event.amount, v_event.currency,
                             v_refund.amount, v_refund.currency);
        ELSIF (v_refund.status, v_event.kind) IN (
            ('succeeded', 'refund.failed'), ('failed', 'refund.processed')
        ) THEN
            o_outcome := 'mismatch';
            v_note := format('told %s, booked %s', v_event.kind, v_refund.status);
        ELSIF v_refund.status IN ('succeeded', 'failed')
              OR (v_refund.status = 'processing' AND v_event.kind = 'refund.processing') THEN
            o_outcome := 'duplicate';
        ELSE
            o_outcome := 'settled';
            UPDATE refunds
            SET status = CASE v_event.kind
                    WHEN 'refund.processing' THEN 'processing'
                    WHEN 'refund.processed' THEN 'succeeded'
                    ELSE 'failed' END,
                provider_refund_id = COALESCE(provider_refund_id, v_event.provider_refund_id),
                failure_code = CASE v_event.kind WHEN 'refund.failed' THEN 'declined_by_provider' ELSE '' END,
                finished_at = CASE WHEN v_event.kind <> 'refund.processing' THEN clock_timestamp() END,
                version = version + 1, updated_at = clock_timestamp()
            WHERE id = v_refund.id
            RETURNING * INTO v_refund;
            INSERT INTO outbox (topic, aggregate_type, aggregate_id, payload)
            SELECT 'refund.' || v_refund.status, 'refund', v_refund.id, jsonb_build_object(
                'order_id', v_order.id, 'number', v_order.number, 'user_id', v_order.user_id,
                'refund_id', v_refund.id, 'amount', v_refund.amount::text)
            WHERE v_refund.status IN ('succeeded', 'failed');
            IF v_refund.status = 'succeeded' AND v_payment.disposition = 'kept' THEN
                UPDATE orders
                SET payment_status = CASE WHEN v_payment.captured_amount = (
                        SELECT SUM(r.amount) FROM refunds r
                        WHERE r.payment_id = v_payment.id AND r.status = 'succeeded'
                    ) THEN 'refunded' ELSE 'partially_refunded' END,
                    version = version + 1, updated_at = clock_timestamp()
                WHERE id = v_order.id;
            END IF;
        END IF;

        UPDATE payment_events
        SET payment_id = COALESCE(v_payment.id, payment_id), refund_id = COALESCE(v_refund.id, refund_id),
            outcome = o_outcome, note = v_note, attempts = attempts + 1, updated_at = clock_timestamp(),
            status = CASE o_outcome WHEN 'unmatched' THEN 'recorded' ELSE 'settled' END,
            settled_at = CASE WHEN o_outcome <> 'unmatched' THEN clock_timestamp() END,
            next_attempt_at = clock_timestamp()
                + make_interval(secs => LEAST(power(2, LEAST(attempts + 1, 12)), 3600))
        WHERE id = p_event_id AND status = 'recorded';
        SELECT payment_id, refund_id INTO o_payment_id, o_refund_id FROM payment_events WHERE id = p_event_id;
        SELECT id, status INTO o_order_id, o_order_status FROM orders WHERE id = v_order.id;
        SET CONSTRAINTS ALL IMMEDIATE;
    EXCEPTION WHEN OTHERS THEN
        ROLLBACK;
        RAISE;
    END;
    COMMIT;
END;
$procedure$;
