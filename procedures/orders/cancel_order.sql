-- cancel_order: ends an order that has not left the house, and records what must be undone.
-- Caller:   POST /orders/{id}/cancel, the job that ends unpaid orders, and the compensation of a
--           placement that cannot go on (commerce.orders.workflows, commerce.orders.resume)
-- In:       p_order_id; p_actor_kind, p_actor_id who cancels; p_reason why; p_user_id its owner
--           where a customer asks; p_if_expired to end only an unpaid order whose time is over;
--           p_line_max pieces per cart line; p_owner, p_key, p_fingerprint of the request
-- Out:      o_status of the order now; o_cancelled whether this call cancelled it; o_replayed
--           whether an earlier call with the key did
-- Locks:    user, cart, order, payment
-- Errors:   SH404 order_not_found, SH409 illegal_transition, SH422 key_reused
-- Repeat:   a cancelled order is left as it is; so is, with p_if_expired, any that is not expired;
--           the key is taken before the order, so one key sent at once for another step of the same
--           order may deadlock: the gateway then repeats the call, which finds the key used
-- Keeps:    every hold, coupon slot and kept capture of a cancelled order has its step in saga_log;
--           a cancelled order has no open payment; the buyer has one open cart at most
CREATE OR REPLACE PROCEDURE cancel_order(
    p_order_id uuid,
    p_actor_kind text,
    p_reason text,
    p_user_id uuid DEFAULT NULL,
    p_actor_id uuid DEFAULT NULL,
    p_if_expired boolean DEFAULT FALSE,
    p_line_max integer DEFAULT NULL,
    p_owner uuid DEFAULT NULL,
    p_key text DEFAULT NULL,
    p_fingerprint text DEFAULT NULL,
    INOUT o_status text DEFAULT NULL,
    INOUT o_cancelled boolean DEFAULT FALSE,
    INOUT o_replayed boolean DEFAULT FALSE
)
LANGUAGE plpgsql
AS $procedure$
DECLARE
    v_key idempotency_keys%ROWTYPE;
    v_order orders%ROWTYPE;
    v_cart_id uuid;
BEGIN
    BEGIN
        -- The owner of an order never changes, so it may be read before the locks.
        SELECT * INTO v_order FROM orders
        WHERE id = p_order_id AND user_id = COALESCE(p_user_id, user_id);
        IF NOT FOUND THEN
            RAISE EXCEPTION 'order_not_found' USING ERRCODE = 'SH404',
                DETAIL = jsonb_build_object('order_id', p_order_id)::text;
        END IF;
        -- lock 1/4: user
        PERFORM 1 FROM users WHERE id = v_order.user_id FOR NO KEY UPDATE;

        IF p_key IS NOT NULL THEN
            INSERT INTO idempotency_keys (owner, key, fingerprint, procedure, result_id)
            VALUES (p_owner, p_key, p_fingerprint, 'cancel_order', v_order.id)
            ON CONFLICT (owner, key) DO NOTHING;
            IF NOT FOUND THEN
                SELECT * INTO v_key FROM idempotency_keys
                WHERE owner = p_owner AND key = p_key FOR UPDATE;
                IF v_key.fingerprint <> p_fingerprint THEN
                    RAISE EXCEPTION 'key_reused' USING ERRCODE = 'SH422',
                        DETAIL = jsonb_build_object('procedure', v_key.procedure)::text;
                END IF;
                o_replayed := TRUE;
            END IF;
        END IF;

        -- lock 2/4: cart
        SELECT id INTO v_cart_id FROM carts
        WHERE user_id = v_order.user_id AND status = 'open' FOR NO KEY UPDATE;
        -- lock 3/4: order
        SELECT * INTO v_order FROM orders WHERE id = p_order_id FOR UPDATE;
        -- lock 4/4: payment
        PERFORM 1 FROM payments WHERE order_id = v_order.id ORDER BY id FOR UPDATE;

        o_status := v_order.status;
        o_cancelled := NOT o_replayed AND v_order.status <> 'cancelled' AND (
            NOT p_if_expired
            OR (v_order.status IN ('created', 'pending_payment')
                AND (v_order.expires_at < clock_timestamp()) IS TRUE)
        );
        IF o_cancelled THEN
            IF NOT EXISTS (
                SELECT FROM order_status_transitions
                WHERE from_status = v_order.status AND to_status = 'cancelled'
                  AND actor = p_actor_kind
            ) THEN
                RAISE EXCEPTION 'illegal_transition' USING ERRCODE = 'SH409',
                    DETAIL = jsonb_build_object(
                        'from', v_order.status, 'to', 'cancelled', 'actor', p_actor_kind
                    )::text;
            END IF;

            o_status := 'cancelled';
            UPDATE orders
            SET status = 'cancelled', closed_at = clock_timestamp(),
                cancel_reason = COALESCE(p_reason, ''),
                payment_status = CASE payment_status
                    WHEN 'cod_due' THEN 'unpaid' ELSE payment_status
                END,
                version = version + 1, updated_at = clock_timestamp()
            WHERE id = v_order.id;
            INSERT INTO order_events (
                order_id, seq, from_status, to_status, actor_kind, actor_id, note
            )
            VALUES (
                v_order.id, v_order.version + 1, v_order.status, 'cancelled', p_actor_kind,
                p_actor_id, COALESCE(p_reason, '')
            );
            UPDATE payments
            SET status = 'expired', version = version + 1, updated_at = clock_timestamp()
            WHERE order_id = v_order.id AND status = 'initiated';

            -- Steps that would have led the order on are void; those that undo it come next.
            UPDATE saga_log
            SET status = 'cancelled', finished_at = clock_timestamp(),
                updated_at = clock_timestamp()
            WHERE subject_id = v_order.id AND status = 'pending'
              AND step IN (
                  'freeze_order_pricing', 'register_payment_attempt', 'decrease_inventory'
              );
            INSERT INTO saga_log (kind, saga_id, step, subject_id, payload, payload_hash, due_at)
            SELECT 'cancel', u.order_id, u.step, u.subject_id, w.payload,
                   encode(sha256(convert_to(w.payload::text, 'UTF8')), 'hex'),
                   clock_timestamp() + interval '1 minute'
            FROM order_undo_steps u, (SELECT jsonb_build_object('reason', 'cancelled') AS payload) w
            WHERE u.order_id = v_order.id
            ON CONFLICT (kind, saga_id, step, subject_id) DO NOTHING;

            -- Lines of a never-paid order go back into the cart, at the price the buyer saw.
            IF NOT EXISTS (
                SELECT FROM payments WHERE order_id = v_order.id AND status = 'captured'
            ) AND EXISTS (
                SELECT FROM order_items i
                JOIN variants v ON v.id = i.variant_id AND v.status = 'active' AND NOT v.is_deleted
                JOIN products p ON p.id = v.product_id AND p.status = 'active' AND NOT p.is_deleted
                WHERE i.order_id = v_order.id
            ) THEN
                -- Nobody else can open the cart meanwhile: that takes the lock on the user.
                IF v_cart_id IS NULL THEN
                    INSERT INTO carts (user_id, created_by_id)
                    VALUES (v_order.user_id, v_order.user_id)
                    RETURNING id INTO v_cart_id;
                END IF;
                INSERT INTO cart_items (cart_id, variant_id, quantity, seen_price)
                SELECT v_cart_id, i.variant_id, LEAST(i.quantity, p_line_max), i.unit_price
                FROM order_items i
                JOIN variants v ON v.id = i.variant_id AND v.status = 'active' AND NOT v.is_deleted
                JOIN products p ON p.id = v.product_id AND p.status = 'active' AND NOT p.is_deleted
                WHERE i.order_id = v_order.id
                ORDER BY i.variant_id
                ON CONFLICT (cart_id, variant_id) DO UPDATE
                SET quantity = CASE
                        WHEN cart_items.is_deleted THEN excluded.quantity
                        ELSE LEAST(cart_items.quantity + excluded.quantity, p_line_max)
                    END,
                    seen_price = CASE
                        WHEN cart_items.is_deleted THEN excluded.seen_price
                        ELSE cart_items.seen_price
                    END,
                    is_deleted = FALSE, updated_at = clock_timestamp();
                UPDATE carts
                SET version = version + 1, last_active_at = clock_timestamp(),
                    updated_at = clock_timestamp()
                WHERE id = v_cart_id;
            END IF;
            INSERT INTO outbox (topic, aggregate_type, aggregate_id, payload)
            VALUES (
                'order.cancelled', 'order', v_order.id,
                jsonb_build_object(
                    'order_id', v_order.id, 'user_id', v_order.user_id, 'number', v_order.number,
                    'total', v_order.total::text, 'currency', v_order.currency
                )
            );
        END IF;
        SET CONSTRAINTS ALL IMMEDIATE;
    EXCEPTION WHEN OTHERS THEN
        ROLLBACK;
        RAISE;
    END;
    COMMIT;
END;
$procedure$;
