-- register_payment_attempt: opens the one payment attempt of a frozen order, or stores the provider's order id.
-- Caller:   POST /orders/{id}/payments, and the workflow that places a COD order
-- In:       p_order_id; p_provider ('cod' for cash on delivery); p_window_seconds an attempt's lifetime;
--           p_user_id whose order it must be; p_payment_id with p_provider_order_id stores the provider's
--           answer (the first writer wins); p_owner, p_key, p_fingerprint the idempotency key
-- Out:      o_payment_id, o_amount, o_currency, o_provider_order_id, o_status, o_expires_at of the attempt;
--           o_replayed when the key was used before
-- Locks:    order, payment, coupon
-- Errors:   SH404 order_not_found, SH404 payment_not_found, SH409 order_not_payable,
--           SH422 payment_method_mismatch, SH422 key_reused
-- Repeat:   an open attempt of the same provider is returned instead of a second one; a provider's order
--           id once stored stays; a COD order already confirmed returns its payment
-- Keeps:    one open attempt per order, its amount the frozen total; a COD order is confirmed once and its
--           coupon slot redeemed in the same transaction
CREATE OR REPLACE PROCEDURE register_payment_attempt(
    p_order_id uuid,
    p_provider text,
    p_window_seconds integer,
    p_user_id uuid DEFAULT NULL,
    p_payment_id uuid DEFAULT NULL,
    p_provider_order_id text DEFAULT NULL,
    p_owner uuid DEFAULT NULL,
    p_key text DEFAULT NULL,
    p_fingerprint text DEFAULT NULL,
    INOUT o_payment_id uuid DEFAULT NULL,
    INOUT o_amount numeric DEFAULT NULL,
    INOUT o_currency text DEFAULT NULL,
    INOUT o_provider_order_id text DEFAULT NULL,
    INOUT o_status text DEFAULT NULL,
    INOUT o_expires_at timestamptz DEFAULT NULL,
    INOUT o_replayed boolean DEFAULT FALSE
)
LANGUAGE plpgsql
AS $procedure$
DECLARE
    v_order orders%ROWTYPE;
    v_key idempotency_keys%ROWTYPE;
    v_confirms boolean := FALSE;
BEGIN
    BEGIN
        -- lock 1/3: order
        SELECT * INTO v_order FROM orders WHERE id = p_order_id FOR UPDATE;
        IF NOT FOUND OR v_order.user_id <> p_user_id THEN
            RAISE EXCEPTION 'order_not_found' USING ERRCODE = 'SH404',
                DETAIL = jsonb_build_object('order_id', p_order_id)::text;
        END IF;
        IF p_key IS NOT NULL THEN
            INSERT INTO idempotency_keys (owner, key, fingerprint, procedure)
            VALUES (p_owner, p_key, p_fingerprint, 'register_payment_attempt')
            ON CONFLICT (owner, key) DO NOTHING;
            IF NOT FOUND THEN
                SELECT * INTO v_key FROM idempotency_keys WHERE owner = p_owner AND key = p_key FOR UPDATE;
                IF v_key.fingerprint <> p_fingerprint THEN
                    RAISE EXCEPTION 'key_reused' USING ERRCODE = 'SH422',
                        DETAIL = jsonb_build_object('procedure', v_key.procedure)::text;
                END IF;
                o_payment_id := v_key.result_id;
                o_replayed := TRUE;
            END IF;
        END IF;

        -- lock 2/3: payments
        PERFORM 1 FROM payments WHERE order_id = p_order_id ORDER BY id FOR UPDATE;

        IF NOT o_replayed AND p_payment_id IS NOT NULL THEN
            UPDATE payments
            SET provider_order_id = p_provider_order_id, version = version + 1, updated_at = clock_timestamp()
            WHERE id = p_payment_id AND order_id = p_order_id AND provider = p_provider
              AND provider <> 'cod' AND provider_order_id IS NULL AND p_provider_order_id IS NOT NULL;
            SELECT id INTO o_payment_id FROM payments
            WHERE id = p_payment_id AND order_id = p_order_id AND provider = p_provider;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'payment_not_found' USING ERRCODE = 'SH404',
                    DETAIL = jsonb_build_object('payment_id', p_payment_id)::text;
            END IF;
        ELSIF NOT o_replayed THEN
            IF (p_provider = 'cod') <> (v_order.payment_method = 'cod') THEN
                RAISE EXCEPTION 'payment_method_mismatch' USING ERRCODE = 'SH422',
                    DETAIL = jsonb_build_object(
                        'payment_method', v_order.payment_method, 'provider', p_provider)::text;
            END IF;
            SELECT id INTO o_payment_id FROM payments
            WHERE order_id = p_order_id AND provider = p_provider
              AND ((status = 'initiated' AND (expires_at IS NULL OR expires_at > clock_timestamp()))
                   OR (status = 'captured' AND provider = 'cod'));
            IF NOT FOUND THEN
                IF v_order.status <> 'pending_payment' OR v_order.frozen_at IS NULL OR v_order.total = 0
                   OR v_order.expires_at <= clock_timestamp() THEN
                    RAISE EXCEPTION 'order_not_payable' USING ERRCODE = 'SH409',
                        DETAIL = jsonb_build_object('order_id', p_order_id, 'status', v_order.status)::text;
                END IF;
                UPDATE payments
                SET status = 'expired', version = version + 1, updated_at = clock_timestamp()
                WHERE order_id = p_order_id AND status = 'initiated';
                INSERT INTO payments (order_id, provider, attempt, amount, currency, expires_at)
                SELECT p_order_id, p_provider, COALESCE(MAX(p.attempt), 0) + 1, v_order.total, v_order.currency,
                       CASE WHEN p_provider <> 'cod' THEN LEAST(
                           v_order.expires_at, clock_timestamp() + make_interval(secs => p_window_seconds)) END
                FROM payments p WHERE p.order_id = p_order_id
                RETURNING id INTO o_payment_id;
                v_confirms := p_provider = 'cod';
            END IF;
        END IF;

        IF v_confirms THEN
            IF v_order.coupon_id IS NOT NULL THEN
                -- lock 3/3: coupon
                PERFORM 1 FROM coupons WHERE id = v_order.coupon_id FOR UPDATE;
                UPDATE coupon_usage
                SET status = 'redeemed', version = version + 1, updated_at = clock_timestamp()
                WHERE order_id = p_order_id AND status = 'bound';
            END IF;
            UPDATE orders
            SET status = 'confirmed', payment_status = 'cod_due', confirmed_at = clock_timestamp(),
                expires_at = NULL, version = version + 1, updated_at = clock_timestamp()
            WHERE id = p_order_id
            RETURNING * INTO v_order;
            INSERT INTO order_events (order_id, seq, from_status, to_status, actor_kind, note)
            VALUES (p_order_id, v_order.version, 'pending_payment', 'confirmed', 'system', 'cash on delivery');
            INSERT INTO outbox (topic, aggregate_type, aggregate_id, payload)
            VALUES ('order.confirmed', 'order', p_order_id, jsonb_build_object(
                'order_id', p_order_id, 'number', v_order.number, 'user_id', v_order.user_id,
                'total', v_order.total::text, 'payment_method', 'cod'));
            INSERT INTO saga_log (kind, saga_id, step, subject_id, payload_hash, due_at)
            VALUES ('place', p_order_id, 'decrease_inventory', p_order_id,
                    encode(sha256(convert_to('{}', 'UTF8')), 'hex'), clock_timestamp() + interval '1 minute')
            ON CONFLICT (kind, saga_id, step, subject_id) DO NOTHING;
        END IF;
        UPDATE saga_log
        SET status = 'done', finished_at = clock_timestamp(), updated_at = clock_timestamp()
        WHERE step = 'register_payment_attempt' AND subject_id = p_order_id AND status = 'pending';
        UPDATE idempotency_keys SET result_id = o_payment_id, updated_at = clock_timestamp()
        WHERE owner = p_owner AND key = p_key AND NOT o_replayed;
        SELECT amount, currency, provider_order_id, status, expires_at
        INTO o_amount, o_currency, o_provider_order_id, o_status, o_expires_at
        FROM payments WHERE id = o_payment_id;
        SET CONSTRAINTS ALL IMMEDIATE;
    EXCEPTION WHEN OTHERS THEN
        ROLLBACK;
        RAISE;
    END;
    COMMIT;
END;
$procedure$;
