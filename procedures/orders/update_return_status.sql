-- update_return_status: approves or rejects a return, records its arrival, and closes it.
-- Caller:   POST /returns/{id}/status, and the job that closes refunded returns
--           (commerce.orders.workflows)
-- In:       p_return_id; p_to one of approved, rejected, received, closed; p_actor_id, p_actor_kind
--           who decides (staff or system); p_items [{order_item_id, condition}] as they arrived,
--           restock unless named; p_note of the staff; p_owner, p_key, p_fingerprint of the request
-- Out:      o_status of the return after this step; o_replayed whether an earlier call made it
-- Locks:    order, return
-- Errors:   SH404 return_not_found, SH409 illegal_transition, SH422 bad_condition,
--           SH404 order_item_not_found, SH422 key_reused
-- Repeat:   the key answers the first step; closing a closed return changes nothing; any other
--           step made again is no longer legal
-- Keeps:    the status history of returns and orders is legal; an order whose every unit is back
--           is returned; goods that arrived have their stock and money steps in saga_log
CREATE OR REPLACE PROCEDURE update_return_status(
    p_return_id uuid,
    p_to text,
    p_actor_id uuid,
    p_actor_kind text,
    p_items jsonb DEFAULT NULL,
    p_note text DEFAULT '',
    p_owner uuid DEFAULT NULL,
    p_key text DEFAULT NULL,
    p_fingerprint text DEFAULT NULL,
    INOUT o_status text DEFAULT NULL,
    INOUT o_replayed boolean DEFAULT FALSE
)
LANGUAGE plpgsql
AS $procedure$
DECLARE
    v_key idempotency_keys%ROWTYPE;
    v_order orders%ROWTYPE;
    v_return returns%ROWTYPE;
    v_item record;
BEGIN
    BEGIN
        -- lock 1/2: order
        SELECT o.* INTO v_order FROM orders o
        WHERE o.id = (SELECT r.order_id FROM returns r WHERE r.id = p_return_id) FOR UPDATE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'return_not_found' USING ERRCODE = 'SH404',
                DETAIL = jsonb_build_object('return_id', p_return_id)::text;
        END IF;
        PERFORM 1 FROM order_items WHERE order_id = v_order.id ORDER BY id FOR UPDATE;

        IF p_key IS NOT NULL THEN
            INSERT INTO idempotency_keys (owner, key, fingerprint, procedure, result_id)
            VALUES (p_owner, p_key, p_fingerprint, 'update_return_status', p_return_id)
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

        -- lock 2/2: return
        SELECT * INTO v_return FROM returns WHERE id = p_return_id FOR UPDATE;
        o_status := p_to;
        IF NOT o_replayed AND NOT (p_to = 'closed' AND v_return.status = 'closed') THEN
            IF ((v_return.status, p_to) IN (
                ('requested', 'approved'), ('requested', 'rejected'),
                ('approved', 'received'), ('received', 'closed')
            ) AND p_actor_kind IN ('staff', 'system')) IS NOT TRUE THEN
                RAISE EXCEPTION 'illegal_transition' USING ERRCODE = 'SH409',
                    DETAIL = jsonb_build_object(
                        'from', v_return.status, 'to', p_to, 'actor', p_actor_kind
                    )::text;
            END IF;

            IF p_to = 'received' THEN
                SELECT x.order_item_id, x.condition, i.id AS known_id INTO v_item
                FROM jsonb_to_recordset(COALESCE(p_items, '[]'))
                    AS x (order_item_id uuid, condition text)
                LEFT JOIN return_items i
                    ON i.return_id = v_return.id AND i.order_item_id = x.order_item_id
                WHERE i.id IS NULL OR x.condition IS NULL
                   OR x.condition NOT IN ('restock', 'damaged')
                ORDER BY i.id IS NOT NULL, x.order_item_id LIMIT 1;
                IF FOUND AND v_item.known_id IS NULL THEN
                    RAISE EXCEPTION 'order_item_not_found' USING ERRCODE = 'SH404',
                        DETAIL = jsonb_build_object('order_item_id', v_item.order_item_id)::text;
                ELSIF FOUND THEN
                    RAISE EXCEPTION 'bad_condition' USING ERRCODE = 'SH422',
                        DETAIL = jsonb_build_object(
                            'order_item_id', v_item.order_item_id, 'condition', v_item.condition
                        )::text;
                END IF;

                UPDATE order_items oi
                SET quantity_returned = oi.quantity_returned + ri.quantity,
                    updated_at = clock_timestamp()
                FROM return_items ri
                WHERE ri.return_id = v_return.id AND oi.id = ri.order_item_id;
                UPDATE return_items i
                SET condition = COALESCE((
                        SELECT max(x.condition)
                        FROM jsonb_to_recordset(COALESCE(p_items, '[]'))
                            AS x (order_item_id uuid, condition text)
                        WHERE x.order_item_id = i.order_item_id
                    ), 'restock'), updated_at = clock_timestamp()
                WHERE i.return_id = v_return.id;

                IF NOT EXISTS (
                    SELECT FROM order_items
                    WHERE order_id = v_order.id AND quantity_returned < quantity
                ) THEN
                    UPDATE orders
                    SET status = 'returned', closed_at = clock_timestamp(), version = version + 1,
                        updated_at = clock_timestamp()
                    WHERE id = v_order.id;
                    INSERT INTO order_events (
                        order_id, seq, from_status, to_status, actor_kind, actor_id, note
                    )
                    VALUES (
                        v_order.id, v_order.version + 1, v_order.status, 'returned', p_actor_kind,
                        p_actor_id, v_return.number
                    );
                END IF;

                INSERT INTO saga_log (
                    kind, saga_id, step, subject_id, payload, payload_hash, due_at
                )
                SELECT 'return', v_return.id, s.step, v_return.id, s.payload,
                       encode(sha256(convert_to(s.payload::text, 'UTF8')), 'hex'),
                       clock_timestamp() + interval '1 minute'
                FROM (
                    SELECT t.step, jsonb_build_object(
                        'return_id', v_return.id,
                        'payment_id', (
                            SELECT id FROM payments
                            WHERE order_id = v_order.id AND disposition = 'kept'
                        )
                    ) AS payload
                    FROM (VALUES ('restore_inventory'), ('initiate_refund')) AS t (step)
                ) s
                ON CONFLICT (kind, saga_id, step, subject_id) DO NOTHING;
            END IF;

            UPDATE returns
            SET status = p_to, version = version + 1, updated_at = clock_timestamp(),
                staff_note = COALESCE(NULLIF(p_note, ''), staff_note),
                approved_at = CASE
                    WHEN p_to = 'approved' THEN clock_timestamp() ELSE approved_at
                END,
                received_at = CASE
                    WHEN p_to = 'received' THEN clock_timestamp() ELSE received_at
                END,
                closed_at = CASE
                    WHEN p_to IN ('closed', 'rejected') THEN clock_timestamp() ELSE closed_at
                END
            WHERE id = v_return.id;
            IF p_to <> 'closed' THEN
                INSERT INTO outbox (topic, aggregate_type, aggregate_id, payload)
                VALUES (
                    'return.' || p_to, 'return', v_return.id,
                    jsonb_build_object(
                        'return_id', v_return.id, 'return_number', v_return.number,
                        'order_id', v_order.id, 'user_id', v_order.user_id, 'number', v_order.number
                    )
                );
            END IF;
        END IF;
        IF p_to = 'closed' THEN
            UPDATE saga_log
            SET status = 'done', finished_at = clock_timestamp(), updated_at = clock_timestamp()
            WHERE step = 'update_return_status' AND subject_id = v_return.id AND status = 'pending';
        END IF;
        SET CONSTRAINTS ALL IMMEDIATE;
    EXCEPTION WHEN OTHERS THEN
        ROLLBACK;
        RAISE;
    END;
    COMMIT;
END;
$procedure$;
