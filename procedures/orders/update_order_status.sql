-- update_order_status: moves an order one step of its way to the buyer, or back to its origin.
-- Caller:   POST /orders/{id}/status and the order desk (commerce.orders.workflows)
-- In:       p_order_id; p_to one of packed, shipped, out_for_delivery, delivered,
--           returned_to_origin; p_actor_id, p_actor_kind who moves it; p_expected_version the
--           version the actor saw, if any; p_note why; p_carrier, p_tracking_number for shipped;
--           p_owner, p_key, p_fingerprint of the request
-- Out:      o_status, o_version of the order after this step; o_replayed whether an earlier call
--           made it
-- Locks:    order, payment
-- Errors:   SH404 order_not_found, SH422 status_not_settable, SH409 version_conflict,
--           SH409 illegal_transition, SH409 order_refunded, SH422 tracking_required,
--           SH409 stock_not_consumed, SH422 key_reused
-- Repeat:   the key answers the first step; without a key the step is no longer legal
-- Keeps:    the history of an order is a legal path; nothing leaves whose money is wholly back;
--           cash on delivery is captured at the door, or not at all; what an order that comes
--           back leaves to be undone is recorded
CREATE OR REPLACE PROCEDURE update_order_status(
    p_order_id uuid,
    p_to text,
    p_actor_id uuid,
    p_actor_kind text,
    p_expected_version integer DEFAULT NULL,
    p_note text DEFAULT '',
    p_carrier text DEFAULT '',
    p_tracking_number text DEFAULT '',
    p_owner uuid DEFAULT NULL,
    p_key text DEFAULT NULL,
    p_fingerprint text DEFAULT NULL,
    INOUT o_status text DEFAULT NULL,
    INOUT o_version integer DEFAULT NULL,
    INOUT o_replayed boolean DEFAULT FALSE
)
LANGUAGE plpgsql
AS $procedure$
DECLARE
    v_key idempotency_keys%ROWTYPE;
    v_order orders%ROWTYPE;
BEGIN
    BEGIN
        IF p_to NOT IN ('packed', 'shipped', 'out_for_delivery', 'delivered', 'returned_to_origin')
        THEN
            RAISE EXCEPTION 'status_not_settable' USING ERRCODE = 'SH422',
                DETAIL = jsonb_build_object('to', p_to)::text;
        END IF;
        -- lock 1/2: order
        SELECT * INTO v_order FROM orders WHERE id = p_order_id FOR UPDATE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'order_not_found' USING ERRCODE = 'SH404',
                DETAIL = jsonb_build_object('order_id', p_order_id)::text;
        END IF;

        IF p_key IS NOT NULL THEN
            INSERT INTO idempotency_keys (owner, key, fingerprint, procedure, result_id)
            VALUES (p_owner, p_key, p_fingerprint, 'update_order_status', v_order.id)
            ON CONFLICT (owner, key) DO NOTHING;
            IF NOT FOUND THEN
                SELECT * INTO v_key FROM idempotency_keys
                WHERE owner = p_owner AND key = p_key FOR UPDATE;
                IF v_key.fingerprint <> p_fingerprint THEN
                    RAISE EXCEPTION 'key_reused' USING ERRCODE = 'SH422',
                        DETAIL = jsonb_build_object('procedure', v_key.procedure)::text;
                END IF;
                -- An order reaches each status at most once.
                SELECT to_status, seq INTO o_status, o_version FROM order_events
                WHERE order_id = v_key.result_id AND to_status = p_to;
                o_replayed := TRUE;
            END IF;
        END IF;

        IF NOT o_replayed THEN
            -- lock 2/2: payment
            PERFORM 1 FROM payments WHERE order_id = v_order.id ORDER BY id FOR UPDATE;
            IF p_expected_version <> v_order.version THEN
                RAISE EXCEPTION 'version_conflict' USING ERRCODE = 'SH409',
                    DETAIL = jsonb_build_object(
                        'expected', p_expected_version, 'actual', v_order.version
                    )::text;
            END IF;
            IF NOT EXISTS (
                SELECT FROM order_status_transitions
                WHERE from_status = v_order.status AND to_status = p_to AND actor = p_actor_kind
            ) THEN
                RAISE EXCEPTION 'illegal_transition' USING ERRCODE = 'SH409',
                    DETAIL = jsonb_build_object(
                        'from', v_order.status, 'to', p_to, 'actor', p_actor_kind
                    )::text;
            END IF;
            IF p_to IN ('packed', 'shipped') AND v_order.payment_status = 'refunded' THEN
                RAISE EXCEPTION 'order_refunded' USING ERRCODE = 'SH409',
                    DETAIL = jsonb_build_object('order_id', v_order.id)::text;
            END IF;
            IF p_to = 'shipped' AND '' IN (COALESCE(p_carrier, ''), COALESCE(p_tracking_number, ''))
            THEN
                RAISE EXCEPTION 'tracking_required' USING ERRCODE = 'SH422',
                    DETAIL = jsonb_build_object('order_id', v_order.id)::text;
            END IF;
            IF p_to = 'shipped' AND EXISTS (
                SELECT FROM order_items WHERE order_id = v_order.id AND quantity_sold < quantity
            ) THEN
                RAISE EXCEPTION 'stock_not_consumed' USING ERRCODE = 'SH409',
                    DETAIL = jsonb_build_object('order_id', v_order.id)::text;
            END IF;

            o_status := p_to;
            o_version := v_order.version + 1;
            UPDATE orders
            SET status = p_to, version = o_version, updated_at = clock_timestamp(),
                carrier = CASE WHEN p_to = 'shipped' THEN p_carrier ELSE carrier END,
                tracking_number = CASE
                    WHEN p_to = 'shipped' THEN p_tracking_number ELSE tracking_number
                END,
                shipped_at = CASE WHEN p_to = 'shipped' THEN clock_timestamp() ELSE shipped_at END,
                delivered_at = CASE
                    WHEN p_to = 'delivered' THEN clock_timestamp() ELSE delivered_at
                END,
                closed_at = CASE
                    WHEN p_to = 'returned_to_origin' THEN clock_timestamp() ELSE closed_at
                END,
                payment_status = CASE
                    WHEN payment_status = 'cod_due' AND p_to = 'delivered' THEN 'paid'
                    WHEN payment_status = 'cod_due' AND p_to = 'returned_to_origin' THEN 'unpaid'
                    ELSE payment_status
                END
            WHERE id = v_order.id;
            INSERT INTO order_events (
                order_id, seq, from_status, to_status, actor_kind, actor_id, note
            )
            VALUES (
                v_order.id, o_version, v_order.status, p_to, p_actor_kind, p_actor_id,
                COALESCE(p_note, '')
            );

            IF p_to = 'delivered' THEN
                UPDATE payments
                SET status = 'captured', disposition = 'kept', captured_amount = amount,
                    captured_at = clock_timestamp(), version = version + 1,
                    updated_at = clock_timestamp()
                WHERE order_id = v_order.id AND provider = 'cod' AND status = 'initiated';
            ELSIF p_to = 'returned_to_origin' THEN
                UPDATE payments
                SET status = 'failed', failure_code = p_to, version = version + 1,
                    updated_at = clock_timestamp()
                WHERE order_id = v_order.id AND provider = 'cod' AND status = 'initiated';
                INSERT INTO saga_log (
                    kind, saga_id, step, subject_id, payload, payload_hash, due_at
                )
                SELECT 'cancel', u.order_id, u.step, u.subject_id, w.payload,
                       encode(sha256(convert_to(w.payload::text, 'UTF8')), 'hex'),
                       clock_timestamp() + interval '1 minute'
                FROM order_undo_steps u, (SELECT jsonb_build_object('reason', p_to) AS payload) w
                WHERE u.order_id = v_order.id
                ON CONFLICT (kind, saga_id, step, subject_id) DO NOTHING;
            END IF;
            IF p_to <> 'packed' THEN
                INSERT INTO outbox (topic, aggregate_type, aggregate_id, payload)
                VALUES (
                    'order.' || p_to, 'order', v_order.id,
                    jsonb_build_object(
                        'order_id', v_order.id, 'user_id', v_order.user_id,
                        'number', v_order.number, 'total', v_order.total::text,
                        'currency', v_order.currency
                    )
                );
            END IF;
        END IF;
        SET CONSTRAINTS ALL IMMEDIATE;
    EXCEPTION WHEN OTHERS THEN
        ROLLBACK;
        RAISE;
    END;
    COMMIT;
END;
$procedure$;
