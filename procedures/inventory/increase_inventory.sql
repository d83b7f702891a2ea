-- increase_inventory: books stock that arrives, or corrects the count, once per reference.
-- Caller:   the desk's receipts and corrections (commerce.inventory.views)
-- In:       p_kind 'receipt' or 'correction'; p_reference of the paper; p_lines [{sku, warehouse,
--           quantity}], below zero only in a correction; p_reason; p_actor_id who books it;
--           p_owner, p_key, p_fingerprint of the request
-- Out:      o_document_id; o_units by which stock grew; o_replayed
-- Locks:    inventory
-- Errors:   SH422 key_reused, SH422 bad_document_kind, SH422 bad_quantity, SH404 sku_not_found,
--           SH404 warehouse_not_found, SH409 reference_reused, SH409 stock_reserved
-- Repeat:   a reference is booked once per kind; the same lines again answer the same document
-- Keeps:    on_hand = sum of the ledger; reserved <= on_hand
CREATE OR REPLACE PROCEDURE increase_inventory(
    p_kind text,
    p_reference text,
    p_lines jsonb,
    p_reason text DEFAULT '',
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
        IF COALESCE(p_kind, '') NOT IN ('receipt', 'correction') THEN
            RAISE EXCEPTION 'bad_document_kind' USING ERRCODE = 'SH422',
                DETAIL = jsonb_build_object('kind', p_kind)::text;
        END IF;
        IF p_key IS NOT NULL THEN
            INSERT INTO idempotency_keys (owner, key, fingerprint, procedure)
            VALUES (p_owner, p_key, p_fingerprint, 'increase_inventory')
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
            o_document_id := v_key.result_id;
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
                       bool_and(COALESCE(n.quantity % 1 = 0
                               AND (n.quantity >= 1 OR p_kind = 'correction'), FALSE))
                           AND abs(SUM(n.quantity)) BETWEEN 1 AND 1000000 AS fits
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
            WHERE NOT EXISTS (SELECT FROM variants v WHERE v.sku = l.sku AND NOT v.is_deleted)
            ORDER BY l.sku LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'sku_not_found' USING ERRCODE = 'SH404',
                    DETAIL = jsonb_build_object('sku', v_unknown)::text;
            END IF;
            SELECT l.warehouse INTO v_unknown FROM jsonb_to_recordset(v_lines) AS l (warehouse text)
            WHERE NOT EXISTS (SELECT FROM warehouses w
                              WHERE w.code = l.warehouse AND NOT w.is_deleted)
            ORDER BY l.warehouse LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'warehouse_not_found' USING ERRCODE = 'SH404',
                    DETAIL = jsonb_build_object('warehouse', v_unknown)::text;
            END IF;

            INSERT INTO stock_documents (kind, reference, reason, lines, created_by_id)
            VALUES (p_kind, p_reference, COALESCE(p_reason, ''), v_lines, p_actor_id)
            ON CONFLICT (kind, reference) DO NOTHING
            RETURNING id INTO o_document_id;
            o_replayed := NOT FOUND;
            IF o_replayed THEN
                SELECT * INTO v_document FROM stock_documents
                WHERE kind = p_kind AND reference = p_reference;
                IF v_document.lines <> v_lines THEN
                    RAISE EXCEPTION 'reference_reused' USING ERRCODE = 'SH409',
                        DETAIL = jsonb_build_object('reference', p_reference)::text;
                END IF;
                o_document_id := v_document.id;
            ELSE
                INSERT INTO inventory (variant_id, warehouse_id)
                SELECT v.id, w.id
                FROM jsonb_to_recordset(v_lines) AS l (sku text, warehouse text)
                JOIN variants v ON v.sku = l.sku
                JOIN warehouses w ON w.code = l.warehouse
                ORDER BY v.id, w.id
                ON CONFLICT (variant_id, warehouse_id) DO NOTHING;
                SELECT array_agg(i.id) INTO v_rows
                FROM jsonb_to_recordset(v_lines) AS l (sku text, warehouse text)
                JOIN variants v ON v.sku = l.sku
                JOIN warehouses w ON w.code = l.warehouse
                JOIN inventory i ON i.variant_id = v.id AND i.warehouse_id = w.id;
                -- lock 1/1: inventory
                PERFORM FROM inventory WHERE id = ANY (v_rows)
                ORDER BY variant_id, warehouse_id FOR UPDATE;
                v_now := clock_timestamp();
                SELECT l.sku, l.warehouse, l.quantity, i.on_hand, i.reserved
                INTO v_short
                FROM jsonb_to_recordset(v_lines) AS l (sku text, warehouse text, quantity integer)
                JOIN variants v ON v.sku = l.sku
                JOIN warehouses w ON w.code = l.warehouse
                JOIN inventory i ON i.variant_id = v.id AND i.warehouse_id = w.id
                WHERE i.on_hand + l.quantity < i.reserved
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
                    SET on_hand = i.on_hand + l.quantity, version = i.version + 1,
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
                SELECT variant_id, warehouse_id, p_kind, quantity, on_hand, o_document_id,
                       p_actor_id
                FROM moved ORDER BY variant_id, warehouse_id;
            END IF;
        END IF;

        SELECT SUM(delta) INTO o_units FROM stock_ledger WHERE document_id = o_document_id;
        UPDATE idempotency_keys SET result_id = o_document_id, updated_at = clock_timestamp()
        WHERE owner = p_owner AND key = p_key AND result_id IS NULL;
        SET CONSTRAINTS ALL IMMEDIATE;
    EXCEPTION WHEN OTHERS THEN
        ROLLBACK;
        RAISE;
    END;
    COMMIT;
END;
$procedure$;
