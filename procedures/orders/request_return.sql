-- request_return: records a buyer's wish to send items of a delivered order back.
-- Caller:   POST /orders/{id}/return (commerce.orders.workflows)
-- In:       p_order_id, p_user_id its owner; p_items [{order_item_id, quantity}]; p_reason why;
--           p_window_days how long after delivery; p_owner, p_key, p_fingerprint of the request
-- Out:      o_return_id of the return; o_replayed whether an earlier call made it
-- Locks:    order
-- Errors:   SH404 order_not_found, SH409 order_not_returnable, SH409 return_window_closed,
--           SH404 order_item_not_found, SH422 bad_quantity, SH422 duplicate_item,
--           SH422 return_quantity_exceeded, SH422 key_reused
-- Repeat:   the key answers the first return; without a key the pieces are no longer returnable
-- Keeps:    pieces in returns that are not rejected never exceed the pieces bought, per line
CREATE OR REPLACE PROCEDURE request_return(
    p_order_id uuid,
    p_user_id uuid,
    p_items jsonb,
    p_reason text,
    p_window_days integer,
    p_owner uuid DEFAULT NULL,
    p_key text DEFAULT NULL,
    p_fingerprint text DEFAULT NULL,
    INOUT o_return_id uuid DEFAULT NULL,
    INOUT o_replayed boolean DEFAULT FALSE
)
LANGUAGE plpgsql
AS $procedure$
DECLARE
    v_key idempotency_keys%ROWTYPE;
    v_order orders%ROWTYPE;
    v_closes_at timestamptz;
    v_number text;
    v_fault record;
BEGIN
    BEGIN
        -- lock 1/1: order
        SELECT * INTO v_order FROM orders
        WHERE id = p_order_id AND user_id = COALESCE(p_user_id, user_id) FOR UPDATE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'order_not_found' USING ERRCODE = 'SH404',
                DETAIL = jsonb_build_object('order_id', p_order_id)::text;
        END IF;

        IF p_key IS NOT NULL THEN
            INSERT INTO idempotency_keys (owner, key, fingerprint, procedure)
            VALUES (p_owner, p_key, p_fingerprint, 'request_return')
            ON CONFLICT (owner, key) DO NOTHING;
            IF NOT FOUND THEN
                SELECT * INTO v_key FROM idempotency_keys
                WHERE owner = p_owner AND key = p_key FOR UPDATE;
                IF v_key.fingerprint <> p_fingerprint THEN
                    RAISE EXCEPTION 'key_reused' USING ERRCODE = 'SH422',
                        DETAIL = jsonb_build_object('procedure', v_key.procedure)::text;
                END IF;
                o_return_id := v_key.result_id;
                o_replayed := TRUE;
            END IF;
        END IF;

        IF NOT o_replayed THEN
            IF v_order.status <> 'delivered' THEN
                RAISE EXCEPTION 'order_not_returnable' USING ERRCODE = 'SH409',
                    DETAIL = jsonb_build_object('status', v_order.status)::text;
            END IF;
            v_closes_at := v_order.delivered_at + make_interval(days => p_window_days);
            IF clock_timestamp() > v_closes_at THEN
                RAISE EXCEPTION 'return_window_closed' USING ERRCODE = 'SH409',
                    DETAIL = jsonb_build_object('closed_at', v_closes_at)::text;
            END IF;

            -- Other returns of this order begin and end under its lock, so these figures hold.
            SELECT w.order_item_id, w.quantity, w.times, i.id AS known_id,
                   i.quantity - COALESCE(t.taken, 0) AS returnable
            INTO v_fault
            FROM (
                SELECT order_item_id, MIN(quantity) AS quantity, COUNT(*) AS times
                FROM jsonb_to_recordset(p_items) AS x (order_item_id uuid, quantity integer)
                GROUP BY order_item_id
            ) w
            LEFT JOIN order_items i ON i.id = w.order_item_id AND i.order_id = v_order.id
            LEFT JOIN (
                SELECT ri.order_item_id, SUM(ri.quantity) AS taken
                FROM return_items ri
                JOIN returns r ON r.id = ri.return_id AND r.status <> 'rejected'
                WHERE r.order_id = v_order.id
                GROUP BY ri.order_item_id
            ) t ON t.order_item_id = i.id
            WHERE i.id IS NULL
               OR w.times > 1
               OR w.quantity IS NULL
               OR w.quantity < 1
               OR w.quantity > i.quantity - COALESCE(t.taken, 0)
            ORDER BY i.id IS NOT NULL, w.order_item_id LIMIT 1;
            IF FOUND THEN
                IF v_fault.known_id IS NULL THEN
                    RAISE EXCEPTION 'order_item_not_found' USING ERRCODE = 'SH404',
                        DETAIL = jsonb_build_object('order_item_id', v_fault.order_item_id)::text;
                ELSIF v_fault.times > 1 THEN
                    RAISE EXCEPTION 'duplicate_item' USING ERRCODE = 'SH422',
                        DETAIL = jsonb_build_object('order_item_id', v_fault.order_item_id)::text;
                ELSIF v_fault.quantity > v_fault.returnable THEN
                    RAISE EXCEPTION 'return_quantity_exceeded' USING ERRCODE = 'SH422',
                        DETAIL = jsonb_build_object(
                            'order_item_id', v_fault.order_item_id,
                            'requested', v_fault.quantity, 'returnable', v_fault.returnable
                        )::text;
                END IF;
            END IF;
            IF FOUND OR COALESCE(jsonb_array_length(p_items), 0) = 0 THEN
                RAISE EXCEPTION 'bad_quantity' USING ERRCODE = 'SH422',
                    DETAIL = jsonb_build_object(
                        'order_item_id', v_fault.order_item_id,
                        'quantity', COALESCE(v_fault.quantity, 0)
                    )::text;
            END IF;

            INSERT INTO returns (order_id, number, reason, created_by_id)
            VALUES (
                v_order.id,
                'RT' || to_char(clock_timestamp() AT TIME ZONE 'Asia/Kolkata', 'YYMM') || '-'
                    || to_char(nextval('return_number_seq'), 'FM9999999000000'),
                p_reason, p_user_id
            )
            RETURNING id, number INTO o_return_id, v_number;
            INSERT INTO return_items (return_id, order_item_id, quantity, created_by_id)
            SELECT o_return_id, x.order_item_id, x.quantity, p_user_id
            FROM jsonb_to_recordset(p_items) AS x (order_item_id uuid, quantity integer);
            INSERT INTO outbox (topic, aggregate_type, aggregate_id, payload)
            VALUES (
                'return.requested', 'return', o_return_id,
                jsonb_build_object(
                    'return_id', o_return_id, 'return_number', v_number, 'order_id', v_order.id,
                    'user_id', v_order.user_id, 'number', v_order.number
                )
            );
            UPDATE idempotency_keys
            SET result_id = o_return_id, updated_at = clock_timestamp()
            WHERE owner = p_owner AND key = p_key;
        END IF;
        SET CONSTRAINTS ALL IMMEDIATE;
    EXCEPTION WHEN OTHERS THEN
        ROLLBACK;
        RAISE;
    END;
    COMMIT;
END;
$procedure$;
