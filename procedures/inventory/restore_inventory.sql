-- restore_inventory: puts sold stock back on the shelf, after a cancellation or a received return.
-- Caller:   the workflows cancel and return (commerce.orders.workflows)
-- In:       p_order_id of a cancelled or undeliverable order, or p_return_id of a received return
-- Out:      o_units that went back
-- Locks:    order, return, inventory
-- Errors:   SH404 order_not_found, SH404 return_not_found, SH409 order_not_restorable,
--           SH409 return_not_received
-- Repeat:   counts what was restored already: a second call finds nothing and answers 0
-- Keeps:    restored <= sold per line; on_hand = sum of the ledger; damaged goods never come back
CREATE OR REPLACE PROCEDURE restore_inventory(
    p_order_id uuid DEFAULT NULL,
    p_return_id uuid DEFAULT NULL,
    INOUT o_units integer DEFAULT NULL
)
LANGUAGE plpgsql
AS $procedure$
DECLARE
    v_order_id uuid := p_order_id;
    v_order orders%ROWTYPE;
    v_return returns%ROWTYPE;
    v_back jsonb;
    v_rows uuid[];
    v_now timestamptz;
BEGIN
    BEGIN
        IF p_return_id IS NOT NULL THEN
            SELECT order_id INTO v_order_id FROM returns WHERE id = p_return_id;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'return_not_found' USING ERRCODE = 'SH404',
                    DETAIL = jsonb_build_object('return_id', p_return_id)::text;
            END IF;
        END IF;
        -- lock 1/3: order
        SELECT * INTO v_order FROM orders WHERE id = v_order_id FOR UPDATE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'order_not_found' USING ERRCODE = 'SH404',
                DETAIL = jsonb_build_object('order_id', p_order_id)::text;
        ELSIF p_return_id IS NULL AND v_order.status NOT IN ('cancelled', 'returned_to_origin') THEN
            RAISE EXCEPTION 'order_not_restorable' USING ERRCODE = 'SH409',
                DETAIL = jsonb_build_object('status', v_order.status)::text;
        END IF;
        -- lock 1/3: order
        PERFORM FROM order_items WHERE order_id = v_order_id ORDER BY id FOR UPDATE;
        -- lock 2/3: return
        SELECT * INTO v_return FROM returns WHERE id = p_return_id FOR UPDATE;
        IF v_return.status NOT IN ('received', 'closed') THEN
            RAISE EXCEPTION 'return_not_received' USING ERRCODE = 'SH409',
                DETAIL = jsonb_build_object('status', v_return.status)::text;
        END IF;
        -- lock 2/3: return
        PERFORM FROM return_items WHERE return_id = p_return_id ORDER BY id FOR UPDATE;

        -- what goes back: of an order all that is still sold, of a return what can be sold again
        SELECT jsonb_agg(jsonb_build_object('item', b.id, 'return_item', b.return_item_id,
                                            'quantity', b.quantity, 'stock', i.id)),
               array_agg(i.id)
        INTO v_back, v_rows
        FROM (
            SELECT oi.id, oi.variant_id, oi.warehouse_id, ri.id AS return_item_id,
                   LEAST(oi.quantity_sold - oi.quantity_restored,
                         COALESCE(ri.quantity, oi.quantity_sold)) AS quantity
            FROM order_items oi
            LEFT JOIN return_items ri ON ri.order_item_id = oi.id AND ri.return_id = p_return_id
                 AND ri.condition = 'restock' AND ri.restored_at IS NULL
            WHERE oi.order_id = v_order_id AND (p_return_id IS NULL OR ri.id IS NOT NULL)
        ) b
        JOIN inventory i ON i.variant_id = b.variant_id AND i.warehouse_id = b.warehouse_id
        WHERE b.quantity > 0;
        -- lock 3/3: inventory
        PERFORM FROM inventory WHERE id = ANY (v_rows)
        ORDER BY variant_id, warehouse_id FOR UPDATE;
        v_now := clock_timestamp();

        WITH back AS (
            SELECT item, return_item, quantity, stock
            FROM jsonb_to_recordset(COALESCE(v_back, '[]'))
                AS b (item uuid, return_item uuid, quantity integer, stock uuid)
        ),
        restored AS (
            UPDATE order_items oi
            SET quantity_restored = oi.quantity_restored + b.quantity, updated_at = v_now
            FROM back b WHERE oi.id = b.item
        ),
        moved AS (
            UPDATE inventory i
            SET on_hand = i.on_hand + b.quantity, version = i.version + 1, updated_at = v_now
            FROM back b WHERE i.id = b.stock
            RETURNING i.variant_id, i.warehouse_id, i.on_hand, b.item, b.return_item, b.quantity
        ),
        booked AS (
            INSERT INTO stock_ledger (variant_id, warehouse_id, kind, delta, on_hand_after,
                                      order_item_id, return_item_id)
            SELECT variant_id, warehouse_id, 'restore', quantity, on_hand, item, return_item
            FROM moved ORDER BY variant_id
            RETURNING delta
        )
        SELECT COALESCE(SUM(delta), 0) INTO o_units FROM booked;
        UPDATE return_items SET restored_at = v_now, updated_at = v_now
        WHERE return_id = p_return_id AND restored_at IS NULL AND condition <> '';
        UPDATE saga_log SET status = 'done', finished_at = v_now, updated_at = v_now
        WHERE step = 'restore_inventory' AND status = 'pending'
          AND subject_id = COALESCE(p_return_id, p_order_id);
        SET CONSTRAINTS ALL IMMEDIATE;
    EXCEPTION WHEN OTHERS THEN
        ROLLBACK;
        RAISE;
    END;
    COMMIT;
END;
$procedure$;
