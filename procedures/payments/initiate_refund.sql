-- initiate_refund: decides that money of a captured payment goes back: all of it, some lines or an amount.
-- Caller:   POST /orders/{id}/refunds, and the workflows settle, cancel and return
-- In:       p_payment_id, or p_order_id for its kept capture, or p_return_id for a return's items; p_items
--           [{order_item_id, quantity}] or p_amount for a part; p_reason; p_provider the channel that pays
--           back cash; p_actor_id; p_owner, p_key, p_fingerprint the idempotency key
-- Out:      o_refund_id whose provider is to be asked, NULL when nothing is left; o_amount; o_replayed
-- Locks:    order, return, payment, refund
-- Errors:   SH404 order_not_found, SH404 payment_not_found, SH404 return_not_found,
--           SH404 order_item_not_found, SH409 payment_not_captured, SH409 return_not_received,
--           SH409 refund_exceeds_capture, SH422 refund_quantity_exceeded, SH422 bad_quantity,
--           SH422 bad_amount, SH422 key_reused
-- Repeat:   the whole asked twice finds nothing left; a return is refunded once and names its first refund;
--           lines and amounts need a key. A failed refund counts for nothing and may be initiated anew
-- Keeps:    refunds of a payment never exceed its capture; a line refunded piece by piece comes to the same
--           paisa as at once; a return pays back what earlier refunds left of its items, if anything
CREATE OR REPLACE PROCEDURE initiate_refund(
    p_payment_id uuid DEFAULT NULL,
    p_order_id uuid DEFAULT NULL,
    p_return_id uuid DEFAULT NULL,
    p_items jsonb DEFAULT NULL,
    p_amount numeric DEFAULT NULL,
    p_reason text DEFAULT '',
    p_provider text DEFAULT NULL,
    p_actor_id uuid DEFAULT NULL,
    p_owner uuid DEFAULT NULL,
    p_key text DEFAULT NULL,
    p_fingerprint text DEFAULT NULL,
    INOUT o_refund_id uuid DEFAULT NULL,
    INOUT o_amount numeric DEFAULT NULL,
    INOUT o_replayed boolean DEFAULT FALSE
)
LANGUAGE plpgsql
AS $procedure$
DECLARE
    v_order orders%ROWTYPE;
    v_return returns%ROWTYPE;
    v_payment payments%ROWTYPE;
    v_key idempotency_keys%ROWTYPE;
    v_whole boolean := p_return_id IS NULL AND p_items IS NULL AND p_amount IS NULL;
    v_refunded numeric;
    v_wanted jsonb := p_items;
    v_lines jsonb;
    v_wrong jsonb;
    v_payload jsonb := jsonb_build_object('to', 'closed');
BEGIN
    BEGIN
        -- lock 1/4: order
        SELECT * INTO v_order FROM orders
        WHERE id = COALESCE(p_order_id, (SELECT p.order_id FROM payments p WHERE p.id = p_payment_id),
                            (SELECT r.order_id FROM returns r WHERE r.id = p_return_id))
        FOR UPDATE;
        IF NOT FOUND AND (p_order_id IS NOT NULL OR (p_payment_id IS NULL AND p_return_id IS NULL)) THEN
            RAISE EXCEPTION 'order_not_found' USING ERRCODE = 'SH404',
                DETAIL = jsonb_build_object('order_id', p_order_id)::text;
        END IF;
        IF p_key IS NOT NULL THEN
            INSERT INTO idempotency_keys (owner, key, fingerprint, procedure)
            VALUES (p_owner, p_key, p_fingerprint, 'initiate_refund')
            ON CONFLICT (owner, key) DO NOTHING;
            IF NOT FOUND THEN
                SELECT * INTO v_key FROM idempotency_keys WHERE owner = p_owner AND key = p_key FOR UPDATE;
                IF v_key.fingerprint <> p_fingerprint THEN
                    RAISE EXCEPTION 'key_reused' USING ERRCODE = 'SH422',
                        DETAIL = jsonb_build_object('procedure', v_key.procedure)::text;
                END IF;
                o_refund_id := v_key.result_id;
                o_replayed := TRUE;
            END IF;
        END IF;

        IF NOT o_replayed THEN
            IF p_return_id IS NOT NULL THEN
                -- lock 2/4: return
                SELECT * INTO v_return FROM returns WHERE id = p_return_id AND order_id = v_order.id FOR UPDATE;
                IF NOT FOUND THEN
                    RAISE EXCEPTION 'return_not_found' USING ERRCODE = 'SH404',
                        DETAIL = jsonb_build_object('return_id', p_return_id)::text;
                ELSIF v_return.status NOT IN ('received', 'closed') THEN
                    RAISE EXCEPTION 'return_not_received' USING ERRCODE = 'SH409',
                        DETAIL = jsonb_build_object('return_id', p_return_id, 'status', v_return.status)::text;
                END IF;
            END IF;
            -- lock 3/4: payments
            PERFORM 1 FROM payments WHERE order_id = v_order.id ORDER BY id FOR UPDATE;
            -- lock 4/4: refunds
            PERFORM 1 FROM refunds WHERE order_id = v_order.id ORDER BY id FOR UPDATE;
            SELECT * INTO v_payment FROM payments
            WHERE order_id = v_order.id
              AND CASE WHEN p_payment_id IS NULL THEN disposition = 'kept' ELSE id = p_payment_id END;
            IF NOT FOUND AND p_payment_id IS NOT NULL THEN
                RAISE EXCEPTION 'payment_not_found' USING ERRCODE = 'SH404',
                    DETAIL = jsonb_build_object('payment_id', p_payment_id)::text;
            ELSIF v_payment.status IS DISTINCT FROM 'captured' THEN
                RAISE EXCEPTION 'payment_not_captured' USING ERRCODE = 'SH409',
                    DETAIL = jsonb_build_object('order_id', v_order.id, 'payment_id', v_payment.id)::text;
            END IF;
            SELECT COALESCE(SUM(amount), 0) INTO v_refunded FROM refunds
            WHERE payment_id = v_payment.id AND status <> 'failed';
            SELECT id INTO o_refund_id FROM refunds WHERE return_id = p_return_id AND status <> 'failed';
        END IF;

        IF NOT o_replayed AND o_refund_id IS NULL THEN
            IF v_whole THEN
                o_amount := v_payment.captured_amount - v_refunded;
            ELSIF p_return_id IS NULL AND p_items IS NULL THEN
                o_amount := p_amount;
            ELSE
                IF p_return_id IS NOT NULL THEN
                    SELECT jsonb_agg(jsonb_build_object('order_item_id', order_item_id, 'quantity', quantity))
                    INTO v_wanted FROM return_items WHERE return_id = p_return_id;
                END IF;
                SELECT jsonb_agg(jsonb_build_object(
                    'order_item_id', w.order_item_id, 'quantity', g.quantity, 'possible', w.possible,
                    'known', i.id IS NOT NULL, 'refundable', i.quantity - COALESCE(d.quantity, 0),
                    'amount', GREATEST(0, round(
                        i.line_total * (COALESCE(d.quantity, 0) + g.quantity) / i.quantity, 2
                    ) - COALESCE(d.amount, 0))))
                INTO v_lines
                FROM (
                    SELECT x.order_item_id, SUM(x.quantity) AS quantity,
                           bool_and(x.quantity IS NOT NULL AND x.quantity > 0) AS possible
                    FROM jsonb_to_recordset(v_wanted) AS x(order_item_id uuid, quantity integer)
                    GROUP BY x.order_item_id
                ) w
                LEFT JOIN order_items i ON i.id = w.order_item_id AND i.order_id = v_order.id
                LEFT JOIN LATERAL (
                    SELECT SUM(ri.quantity) AS quantity, SUM(ri.amount) AS amount
                    FROM refund_items ri JOIN refunds r ON r.id = ri.refund_id
                    WHERE ri.order_item_id = i.id AND r.payment_id = v_payment.id AND r.status <> 'failed'
                ) d ON TRUE
                CROSS JOIN LATERAL (  -- goods came back, though some of their money may have gone before
                    SELECT CASE WHEN p_return_id IS NULL THEN w.quantity
                                ELSE LEAST(w.quantity, i.quantity - COALESCE(d.quantity, 0)) END AS quantity
                ) g
                WHERE p_return_id IS NULL OR g.quantity > 0;
                SELECT x INTO v_wrong FROM jsonb_array_elements(v_lines) x WHERE NOT (x ->> 'known')::boolean;
                IF FOUND THEN
                    RAISE EXCEPTION 'order_item_not_found' USING ERRCODE = 'SH404',
                        DETAIL = jsonb_build_object('order_item_id', v_wrong -> 'order_item_id')::text;
                END IF;
                SELECT x INTO v_wrong FROM jsonb_array_elements(v_lines) x WHERE NOT (x ->> 'possible')::boolean;
                IF FOUND THEN
                    RAISE EXCEPTION 'bad_quantity' USING ERRCODE = 'SH422',
                        DETAIL = jsonb_build_object('order_item_id', v_wrong -> 'order_item_id')::text;
                END IF;
                SELECT x INTO v_wrong FROM jsonb_array_elements(v_lines) x
                WHERE (x ->> 'quantity')::numeric > (x ->> 'refundable')::numeric;
                IF FOUND THEN
                    RAISE EXCEPTION 'refund_quantity_exceeded' USING ERRCODE = 'SH422',
                        DETAIL = jsonb_build_object(
                            'order_item_id', v_wrong -> 'order_item_id', 'requested', v_wrong -> 'quantity',
                            'refundable', v_wrong -> 'refundable')::text;
                END IF;
                IF p_return_id IS NOT NULL THEN  -- line by line, until what is left of the capture is used up
                    SELECT jsonb_agg(x.line || jsonb_build_object('amount', GREATEST(0, LEAST(
                        x.amount, v_payment.captured_amount - v_refunded - x.up_to + x.amount))))
                    INTO v_lines
                    FROM (
                        SELECT l.line, l.amount, SUM(l.amount) OVER (ORDER BY l.line ->> 'order_item_id') AS up_to
                        FROM (
                            SELECT line, (line ->> 'amount')::numeric AS amount
                            FROM jsonb_array_elements(v_lines) AS e(line)
                        ) l
                    ) x;
                END IF;
                SELECT COALESCE(SUM((x ->> 'amount')::numeric), 0) INTO o_amount
                FROM jsonb_array_elements(v_lines) x;
            END IF;
            IF num_nonnulls(p_return_id, p_items, p_amount) > 1 OR o_amount <> round(o_amount, 2)
               OR (o_amount <= 0 AND NOT v_whole AND p_return_id IS NULL) THEN
                RAISE EXCEPTION 'bad_amount' USING ERRCODE = 'SH422',
                    DETAIL = jsonb_build_object('amount', o_amount::text)::text;
            ELSIF v_refunded + o_amount > v_payment.captured_amount THEN
                RAISE EXCEPTION 'refund_exceeds_capture' USING ERRCODE = 'SH409',
                    DETAIL = jsonb_build_object(
                        'captured', v_payment.captured_amount::text, 'refunded', v_refunded::text,
                        'requested', o_amount::text)::text;
            END IF;
            IF o_amount > 0 THEN
                INSERT INTO refunds (
                    payment_id, order_id, return_id, provider, amount, currency, reason, created_by_id
                ) VALUES (
                    v_payment.id, v_order.id, p_return_id,
                    CASE v_payment.provider WHEN 'cod' THEN COALESCE(p_provider, 'cod')
                                            ELSE v_payment.provider END,
                    o_amount, v_payment.currency, COALESCE(p_reason, ''), p_actor_id
                )
                RETURNING id INTO o_refund_id;
                INSERT INTO refund_items (refund_id, order_item_id, quantity, amount, created_by_id)
                SELECT o_refund_id, x.order_item_id, x.quantity, x.amount, p_actor_id
                FROM jsonb_to_recordset(v_lines) AS x(order_item_id uuid, quantity integer, amount numeric);
                INSERT INTO outbox (topic, aggregate_type, aggregate_id, payload)
                VALUES ('refund.initiated', 'refund', o_refund_id, jsonb_build_object(
                    'order_id', v_order.id, 'number', v_order.number, 'user_id', v_order.user_id,
                    'refund_id', o_refund_id, 'amount', o_amount::text));
            END IF;
        END IF;

        -- A part leaves the workflow that owes the whole payment still to be done
        UPDATE saga_log SET status = 'done', finished_at = clock_timestamp(), updated_at = clock_timestamp()
        WHERE step = 'initiate_refund' AND status = 'pending' AND NOT o_replayed
          AND subject_id = CASE WHEN v_whole THEN v_payment.id ELSE p_return_id END;
        INSERT INTO saga_log (kind, saga_id, step, subject_id, payload, payload_hash, due_at)
        SELECT 'return', p_return_id, 'update_return_status', p_return_id, v_payload,
               encode(sha256(convert_to(v_payload::text, 'UTF8')), 'hex'), clock_timestamp() + interval '1 minute'
        WHERE p_return_id IS NOT NULL AND NOT o_replayed AND v_return.status = 'received'
        ON CONFLICT (kind, saga_id, step, subject_id) DO NOTHING;
        UPDATE idempotency_keys SET result_id = o_refund_id, updated_at = clock_timestamp()
        WHERE owner = p_owner AND key = p_key AND NOT o_replayed;
        SELECT COALESCE(MAX(amount), 0) INTO o_amount FROM refunds WHERE id = o_refund_id;
        SET CONSTRAINTS ALL IMMEDIATE;
    EXCEPTION WHEN OTHERS THEN
        ROLLBACK;
        RAISE;
    END;
    COMMIT;
END;
$procedure$;
