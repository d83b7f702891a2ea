-- release_inventory: ends the holds of a cart or of a cancelled order and frees their stock.
-- Caller:   the workflow cancel (commerce.orders.workflows); the job that expires holds
-- In:       p_cart_id for its unbound holds, or p_order_id of a cancelled order for its bound ones;
--           p_reason why; p_only_expired ends only unbound holds whose time is over, as 'expired'
-- Out:      o_released holds ended
-- Locks:    cart, order, inventory, holds
-- Errors:   SH404 order_not_found, SH409 order_not_cancelled
-- Repeat:   a hold ends once; a second call finds none and answers 0
-- Keeps:    reserved = sum of active holds
CREATE OR REPLACE PROCEDURE release_inventory(
    p_cart_id uuid DEFAULT NULL,
    p_order_id uuid DEFAULT NULL,
    p_reason text DEFAULT '',
    p_only_expired boolean DEFAULT FALSE,
    INOUT o_released integer DEFAULT NULL
)
LANGUAGE plpgsql
AS $procedure$
DECLARE
    v_order orders%ROWTYPE;
    v_rows uuid[];
    v_now timestamptz;
BEGIN
    BEGIN
        -- lock 1/4: cart
        PERFORM FROM carts WHERE id = p_cart_id FOR NO KEY UPDATE;
        IF p_order_id IS NOT NULL THEN
            -- lock 2/4: order
            SELECT * INTO v_order FROM orders WHERE id = p_order_id FOR UPDATE;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'order_not_found' USING ERRCODE = 'SH404',
                    DETAIL = jsonb_build_object('order_id', p_order_id)::text;
            ELSIF v_order.status <> 'cancelled' THEN
                RAISE EXCEPTION 'order_not_cancelled' USING ERRCODE = 'SH409',
                    DETAIL = jsonb_build_object('status', v_order.status)::text;
            END IF;
        END IF;

        -- under these locks no hold is added; one reclaimed meanwhile is left out below
        SELECT array_agg(DISTINCT i.id) INTO v_rows
        FROM stock_reservations h
        JOIN inventory i ON i.variant_id = h.variant_id AND i.warehouse_id = h.warehouse_id
        WHERE h.status = 'active'
          AND (h.order_id = p_order_id OR (h.cart_id = p_cart_id AND h.order_id IS NULL));
        -- lock 3/4: inventory
        PERFORM FROM inventory WHERE id = ANY (v_rows)
        ORDER BY variant_id, warehouse_id FOR UPDATE;
        -- lock 4/4: holds
        PERFORM FROM stock_reservations h
        WHERE h.status = 'active'
          AND (h.order_id = p_order_id OR (h.cart_id = p_cart_id AND h.order_id IS NULL))
        ORDER BY h.id FOR UPDATE;
        v_now := clock_timestamp();

        WITH ended AS (
            UPDATE stock_reservations h
            SET status = CASE WHEN p_only_expired THEN 'expired' ELSE 'released' END,
                ended_at = v_now, end_reason = left(COALESCE(p_reason, ''), 60), updated_at = v_now
            FROM inventory i
            WHERE i.id = ANY (v_rows)
              AND h.variant_id = i.variant_id AND h.warehouse_id = i.warehouse_id
              AND h.status = 'active'
              AND (h.order_id = p_order_id OR (h.cart_id = p_cart_id AND h.order_id IS NULL))
              AND (NOT p_only_expired OR (h.order_id IS NULL AND h.expires_at <= v_now))
            RETURNING i.id, h.quantity
        ),
        freed AS (
            UPDATE inventory i
            SET reserved = i.reserved - e.quantity, version = i.version + 1, updated_at = v_now
            FROM (SELECT id, SUM(quantity) AS quantity FROM ended GROUP BY id) e
            WHERE i.id = e.id
        )
        SELECT COUNT(*) INTO o_released FROM ended;
        UPDATE saga_log SET status = 'done', finished_at = v_now, updated_at = v_now
        WHERE step = 'release_inventory' AND subject_id = p_order_id AND status = 'pending';
        SET CONSTRAINTS ALL IMMEDIATE;
    EXCEPTION WHEN OTHERS THEN
        ROLLBACK;
        RAISE;
    END;
    COMMIT;
END;
$procedure$;
