-- decrease_inventory: lets stock leave, as the sale of a confirmed order or as a write-off.
-- Caller:   the workflows place and settle (commerce.orders.workflows); the desk's write-off
-- In:       p_order_id for a sale; or p_reference, p_lines [{sku, warehouse, quantity}], p_reason
--           for a write-off; p_actor_id who does it; p_owner, p_key, p_fingerprint of the request
-- Out:      o_document_id of the write-off; o_units that left now; o_replayed
-- Locks:    order, inventory, holds
-- Errors:   SH404 order_not_found, SH409 order_not_confirmed, SH422 key_reused, SH422 bad_quantity,
--           SH404 sku_not_found, SH404 warehouse_not_found, SH409 reference_reused,
--           SH409 stock_reserved
-- Repeat:   consumed holds are not consumed again; a reference is booked once
-- Keeps:    on_hand = sum of the ledger; reserved = sum of active holds; one sale per order line
CREATE OR REPLACE PROCEDURE decrease_inventory(
    p_order_id uuid DEFAULT NULL,
    p_reference text DEFAULT NULL,
    p_lines jsonb DEFAULT NULL,
    p_reason text DEFAULT NULL,
    p_actor_id uuid DEFAULT NULL,
    p_owner uuid DEFAULT NULL,
    p_key text DEFAULT NULL,
    p_fingerprint text DEFAULT NULL,
    INOUT o_document_id uuid DEFAULT NULL,
    INOUT o_units integer DEFAULT NULL,
    INOUT o_replayed boolean DEFAULT FALSE
)
LANGUAGE plpgsql
AS $procedure$
DECLARE
    v_order orders%ROWTYPE;
    v_key idempotency_keys%ROWTYPE;
    v_document stock_documents%ROWTYPE;
    v_lines jsonb;
    v_bad jsonb;
    v_unknown text;
    v_short record;
    v_rows uuid[];
    v_now timestamptz;
BEGIN
    BEGIN
        o_replayed := FALSE;
        IF p_order_id IS NOT NULL THEN
            -- lock 1/3: order
            SELECT * INTO v_order FROM orders WHERE id = p_order_id FOR UPDATE;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'order_not_found' USING ERRCODE = 'SH404',
                    DETAIL = jsonb_build_object('order_id', p_order_id)::text;
            END IF;
            -- lock 1/3: order
            PERFORM FROM order_items WHERE order_id = p_order_id ORDER BY id FOR UPDATE;
        END IF;
        IF p_key IS NOT NULL THEN
            INSERT INTO idempotency_keys (owner, key, fingerprint, procedure)
            VALUES (p_owner, p_key, p_fingerprint, 'decrease_inventory')
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

        IF o_replayed THEN
            SELECT id INTO o_document_id FROM stock_documents WHERE id = v_key.result_id;
        ELSIF p_order_id IS NOT NULL THEN
            IF v_order.status IN ('created', 'pending_payment') THEN
                RAISE EXCEPTION 'order_not_confirmed' USING ERRCODE = 'SH409',
                    DETAIL = jsonb_build_object('status', v_order.status)::text;
            END IF;
            -- a cancelled order's holds wait for release_inventory: nothing of them leaves
            SELECT array_agg(i.id) INTO v_rows
            FROM stock_reservations h
            JOIN inventory i ON i.variant_id = h.variant_id AND i.warehouse_id = h.warehouse_id
            WHERE h.order_id = p_order_id AND h.status = 'active' AND v_order.status <> 'cancelled';
            -- lock 2/3: inventory
            PERFORM FROM inventory WHERE id = ANY (v_rows)
            ORDER BY variant_id, warehouse_id FOR UPDATE;
            -- lock 3/3: holds
            PERFORM FROM stock_reservations
            WHERE order_id = p_order_id AND status = 'active' ORDER BY id FOR UPDATE;
            v_now := clock_timestamp();
            WITH consumed AS (
                UPDATE stock_reservations h
                SET status = 'consumed', ended_at = v_now, end_reason = 'sold', updated_at = v_now
                FROM inventory i
                WHERE i.id = ANY (v_rows) AND h.variant_id = i.variant_id
                  AND h.warehouse_id = i.warehouse_id
                  AND h.order_id = p_order_id AND h.status = 'active'
                RETURNING i.id, h.order_item_id, h.quantity
            ),
            moved AS (
                UPDATE inventory i
                SET on_hand = i.on_hand - c.quantity, reserved = i.reserved - c.quantity,
                    version = i.version + 1, updated_at = v_now
                FROM consumed c WHERE i.id = c.id
                RETURNING i.variant_id, i.warehouse_id, i.on_hand, c.order_item_id, c.quantity
            ),
            sold AS (
                UPDATE order_items oi
                SET quantity_sold = oi.quantity_sold + m.quantity, updated_at = v_now
                FROM moved m WHERE oi.id = m.order_item_id
            ),
            booked AS (
                INSERT INTO stock_ledger (variant_id, warehouse_id, kind, delta, on_hand_after,
                                          order_item_id, created_by_id)
                SELECT variant_id, warehouse_id, 'sale', -quantity, on_hand, order_item_id,
                       p_actor_id
                FROM moved ORDER BY variant_id
                RETURNING delta
            )
            SELECT COALESCE(-SUM(delta), 0) INTO o_units FROM booked;
            UPDATE saga_log SET status = 'done', finished_at = v_now, updated_at = v_now
            WHERE step = 'decrease_inventory' AND subject_id = p_order_id AND status = 'pending';
        ELSE
            -- the lines as they are booked: one for each SKU and warehouse, in order
            SELECT jsonb_agg(jsonb_build_object('sku', sku, 'warehouse', warehouse,
                                                'quantity', quantity) ORDER BY sku, warehouse),
                   jsonb_agg(jsonb_build_object('sku', sku, 'quantity', quantity) ORDER BY sku)
                       FILTER (WHERE NOT fits) -> 0
            INTO v_lines, v_bad
            FROM (
                SELECT e.line ->> 'sku' AS sku, e.line ->> 'warehouse' AS warehouse,
                       SUM(n.quantity) AS quantity,
                       bool_and(COALESCE(n.quantity >= 1 AND n.quantity % 1 = 0, FALSE))
                           AND SUM(n.quantity) <= 1000000 AS fits
                FROM jsonb_array_elements(COALESCE(NULLIF(p_lines, '[]'), '[{}]')) AS e (line)
                CROSS JOIN LATERAL (
                    SELECT CASE jsonb_typeof(e.line -> 'quantity')
                           WHEN 'number' THEN (e.line ->> 'quantity')::numeric END AS quantity
                ) n
                GROUP BY 1, 2
            ) g;
            IF v_bad IS NOT NULL THEN
                RAISE EXCEPTION 'bad_quantity' USING ERRCODE = 'SH422',
                    DETAIL = jsonb_build_object('sku', v_bad -> 'sku',
                                                'quantity', v_bad -> 'quantity')::text;
            END IF;
            SELECT l.sku INTO v_unknown FROM jsonb_to_recordset(v_lines) AS l (sku text)
            WHERE NOT EXISTS (SELECT FROM variants v WHERE v.sku = l.sku) ORDER BY l.sku LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'sku_not_found' USING ERRCODE = 'SH404',
                    DETAIL = jsonb_build_object('sku', v_unknown)::text;
            END IF;
            SELECT l.warehouse INTO v_unknown FROM jsonb_to_recordset(v_lines) AS l (warehouse text)
            WHERE NOT EXISTS (SELECT FROM warehouses w WHERE w.code = l.warehouse)
            ORDER BY l.warehouse LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'warehouse_not_found' USING ERRCODE = 'SH404',
                    DETAIL = jsonb_build_object('warehouse', v_unknown)::text;
            END IF;

            INSERT INTO stock_documents (kind, reference, reason, lines, created_by_id)
            VALUES ('write_off', p_reference, COALESCE(p_reason, ''), v_lines, p_actor_id)
            ON CONFLICT (kind, reference) DO NOTHING
            RETURNING id INTO o_document_id;
            o_replayed := NOT FOUND;
            IF o_replayed THEN
                SELECT * INTO v_document FROM stock_documents
                WHERE kind = 'write_off' AND reference = p_reference;
                IF v_document.lines <> v_lines THEN
                    RAISE EXCEPTION 'reference_reused' USING ERRCODE = 'SH409',
                        DETAIL = jsonb_build_object('reference', p_reference)::text;
                END IF;
                o_document_id := v_document.id;
            ELSE
                SELECT array_agg(i.id) INTO v_rows
                FROM jsonb_to_recordset(v_lines) AS l (sku text, warehouse text)
                JOIN variants v ON v.sku = l.sku
                JOIN warehouses w ON w.code = l.warehouse
                JOIN inventory i ON i.variant_id = v.id AND i.warehouse_id = w.id;
                -- lock 2/3: inventory
                PERFORM FROM inventory WHERE id = ANY (v_rows)
                ORDER BY variant_id, warehouse_id FOR UPDATE;
                v_now := clock_timestamp();
                SELECT l.sku, l.warehouse, l.quantity, COALESCE(i.on_hand, 0) AS on_hand,
                       COALESCE(i.reserved, 0) AS reserved
                INTO v_short
                FROM jsonb_to_recordset(v_lines) AS l (sku text, warehouse text, quantity integer)
                JOIN variants v ON v.sku = l.sku
                JOIN warehouses w ON w.code = l.warehouse
                LEFT JOIN inventory i ON i.variant_id = v.id AND i.warehouse_id = w.id
                     AND i.id = ANY (v_rows)
                WHERE COALESCE(i.on_hand - i.reserved, 0) < l.quantity
                ORDER BY l.sku, l.warehouse LIMIT 1;
                IF FOUND THEN
                    RAISE EXCEPTION 'stock_reserved' USING ERRCODE = 'SH409',
                        DETAIL = jsonb_build_object(
                            'sku', v_short.sku, 'warehouse', v_short.warehouse,
                            'on_hand', v_short.on_hand, 'reserved', v_short.reserved,
                            'requested', v_short.quantity)::text;
                END IF;
                WITH moved AS (
                    UPDATE inventory i
                    SET on_hand = i.on_hand - l.quantity, version = i.version + 1,
                        updated_at = v_now
                    FROM jsonb_to_recordset(v_lines)
                        AS l (sku text, warehouse text, quantity integer)
                    JOIN variants v ON v.sku = l.sku
                    JOIN warehouses w ON w.code = l.warehouse
                    WHERE i.variant_id = v.id AND i.warehouse_id = w.id
                    RETURNING i.variant_id, i.warehouse_id, i.on_hand, l.quantity
                )
                INSERT INTO stock_ledger (variant_id, warehouse_id, kind, delta, on_hand_after,
                                          document_id, created_by_id)
                SELECT variant_id, warehouse_id, 'write_off', -quantity, on_hand, o_document_id,
                       p_actor_id
                FROM moved ORDER BY variant_id, warehouse_id;
            END IF;
        END IF;

        IF o_document_id IS NOT NULL THEN
            SELECT -SUM(delta) INTO o_units FROM stock_ledger WHERE document_id = o_document_id;
        ELSIF o_replayed THEN
            SELECT SUM(quantity_sold) INTO o_units FROM order_items WHERE order_id = p_order_id;
        END IF;
        UPDATE idempotency_keys
        SET result_id = COALESCE(o_document_id, p_order_id), updated_at = clock_timestamp()
        WHERE owner = p_owner AND key = p_key AND result_id IS NULL;
        SET CONSTRAINTS ALL IMMEDIATE;
    EXCEPTION WHEN OTHERS THEN
        ROLLBACK;
        RAISE;
    END;
    COMMIT;
END;
$procedure$;
