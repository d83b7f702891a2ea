-- lock_inventory: makes the holds of a validated cart equal to its lines, all or nothing.
-- Caller:   POST /checkout, its last step (commerce.orders.workflows)
-- In:       p_user_id whose open cart; p_hold_seconds a hold lives; p_hold_max_seconds it may live
--           in all, however often it is renewed
-- Out:      o_cart_id; o_expires_at when the first of its holds ends; o_cart_version held for
-- Locks:    cart, inventory, holds
-- Errors:   SH404 cart_not_found, SH409 cart_empty, SH409 checkout_stale,
--           SH422 address_not_serviceable, SH409 insufficient_stock
-- Repeat:   fitting holds are kept and renewed, never past p_hold_max_seconds from their first
-- Keeps:    reserved = sum of active holds; a line is never split; reserved <= on_hand
CREATE OR REPLACE PROCEDURE lock_inventory(
    p_user_id uuid,
    p_hold_seconds integer,
    p_hold_max_seconds integer,
    INOUT o_cart_id uuid DEFAULT NULL,
    INOUT o_expires_at timestamptz DEFAULT NULL,
    INOUT o_cart_version integer DEFAULT NULL
)
LANGUAGE plpgsql
AS $procedure$
DECLARE
    v_cart carts%ROWTYPE;
    v_pincode text;
    v_warehouses uuid[];
    v_rows uuid[];
    v_plan jsonb;
    v_shortfalls jsonb;
    v_now timestamptz;
BEGIN
    BEGIN
        -- lock 1/3: cart
        SELECT * INTO v_cart FROM carts WHERE user_id = p_user_id AND status = 'open'
        FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'cart_not_found' USING ERRCODE = 'SH404',
                DETAIL = jsonb_build_object()::text;
        END IF;
        IF NOT EXISTS (SELECT FROM cart_items WHERE cart_id = v_cart.id AND NOT is_deleted) THEN
            RAISE EXCEPTION 'cart_empty' USING ERRCODE = 'SH409',
                DETAIL = jsonb_build_object('cart_id', v_cart.id)::text;
        END IF;
        SELECT pincode INTO v_pincode FROM addresses
        WHERE id = v_cart.address_id AND user_id = p_user_id AND NOT is_deleted;
        IF v_pincode IS NULL OR v_cart.validated_version IS DISTINCT FROM v_cart.version THEN
            RAISE EXCEPTION 'checkout_stale' USING ERRCODE = 'SH409',
                DETAIL = jsonb_build_object('reason',
                    CASE WHEN v_cart.validated_version = v_cart.version
                         THEN 'address' ELSE 'version' END)::text;
        END IF;

        -- the warehouses that deliver there, best first
        SELECT array_agg(s.id ORDER BY s.region_priority, s.priority, s.code) INTO v_warehouses
        FROM (
            SELECT w.id, w.priority, w.code, MIN(r.priority) AS region_priority
            FROM warehouse_regions r
            JOIN warehouses w ON w.id = r.warehouse_id AND w.is_active AND NOT w.is_deleted
            WHERE starts_with(v_pincode, r.prefix)
              AND NOT r.is_deleted
              AND EXISTS (
                  SELECT FROM serviceable_pincodes p
                  WHERE p.pincode = v_pincode AND p.is_serviceable AND NOT p.is_deleted
              )
            GROUP BY w.id
        ) s;
        IF v_warehouses IS NULL THEN
            RAISE EXCEPTION 'address_not_serviceable' USING ERRCODE = 'SH422',
                DETAIL = jsonb_build_object('pincode', v_pincode)::text;
        END IF;

        -- what the lines could come from, and what the cart holds already
        SELECT array_agg(s.id) INTO v_rows
        FROM (
            SELECT i.id FROM cart_items ci JOIN inventory i ON i.variant_id = ci.variant_id
            WHERE ci.cart_id = v_cart.id AND NOT ci.is_deleted
              AND i.warehouse_id = ANY (v_warehouses)
            UNION
            SELECT i.id FROM stock_reservations h
            JOIN inventory i ON i.variant_id = h.variant_id AND i.warehouse_id = h.warehouse_id
            WHERE h.cart_id = v_cart.id AND h.status = 'active'
        ) s;
        -- lock 2/3: inventory
        PERFORM FROM inventory WHERE id = ANY (v_rows)
        ORDER BY variant_id, warehouse_id FOR UPDATE;
        v_now := clock_timestamp();
        -- lock 3/3: holds
        PERFORM FROM stock_reservations h
        WHERE h.status = 'active' AND h.order_id IS NULL
          AND (h.cart_id = v_cart.id OR h.expires_at <= v_now)
          AND (h.variant_id, h.warehouse_id) IN (
              SELECT i.variant_id, i.warehouse_id FROM inventory i WHERE i.id = ANY (v_rows)
          )
        ORDER BY h.id FOR UPDATE;

        -- reclaim what has expired on these rows, anybody's
        WITH ended AS (
            UPDATE stock_reservations h
            SET status = 'expired', ended_at = v_now, end_reason = 'reclaimed', updated_at = v_now
            FROM inventory i
            WHERE i.id = ANY (v_rows)
              AND h.variant_id = i.variant_id AND h.warehouse_id = i.warehouse_id
              AND h.status = 'active' AND h.order_id IS NULL AND h.expires_at <= v_now
            RETURNING i.id, h.quantity
        )
        UPDATE inventory i
        SET reserved = i.reserved - e.quantity, version = i.version + 1, updated_at = v_now
        FROM (SELECT id, SUM(quantity) AS quantity FROM ended GROUP BY id) e
        WHERE i.id = e.id;

        -- one warehouse for all lines if there is one, else for each line the first that can;
        -- what the cart holds itself is free to it
        WITH free AS (
            SELECT ci.variant_id, v.sku, ci.quantity, w.id AS warehouse_id, w.place,
                   COALESCE(i.on_hand - i.reserved, 0) + COALESCE(h.quantity, 0) AS pieces
            FROM cart_items ci
            JOIN variants v ON v.id = ci.variant_id
            CROSS JOIN unnest(v_warehouses) WITH ORDINALITY AS w (id, place)
            LEFT JOIN inventory i ON i.variant_id = ci.variant_id AND i.warehouse_id = w.id
                 AND i.id = ANY (v_rows)
            LEFT JOIN stock_reservations h ON h.cart_id = ci.cart_id AND h.status = 'active'
                 AND h.variant_id = i.variant_id AND h.warehouse_id = i.warehouse_id
            WHERE ci.cart_id = v_cart.id AND NOT ci.is_deleted
        ),
        whole AS (
            SELECT warehouse_id FROM free GROUP BY warehouse_id, place
            HAVING bool_and(pieces >= quantity) ORDER BY place LIMIT 1
        ),
        chosen AS (
            SELECT variant_id, sku, quantity, MAX(pieces) AS available,
                   COALESCE((SELECT warehouse_id FROM whole),
                            (array_agg(warehouse_id ORDER BY place)
                                 FILTER (WHERE pieces >= quantity))[1]) AS warehouse_id
            FROM free GROUP BY variant_id, sku, quantity
        )
        SELECT jsonb_agg(jsonb_build_object('variant_id', variant_id, 'quantity', quantity,
                                            'warehouse_id', warehouse_id)),
               jsonb_agg(jsonb_build_object('variant_id', variant_id, 'sku', sku,
                                            'requested', quantity, 'available', available)
                         ORDER BY sku) FILTER (WHERE warehouse_id IS NULL)
        INTO v_plan, v_shortfalls FROM chosen;
        IF v_shortfalls IS NOT NULL THEN
            RAISE EXCEPTION 'insufficient_stock' USING ERRCODE = 'SH409',
                DETAIL = jsonb_build_object('shortfalls', v_shortfalls)::text;
        END IF;

        -- from what the cart held to what it is to hold: stock first, then the holds themselves
        UPDATE inventory i
        SET reserved = i.reserved + d.delta, version = i.version + 1, updated_at = v_now
        FROM (
            SELECT s.variant_id, s.warehouse_id, SUM(s.pieces) AS delta
            FROM (
                SELECT n.variant_id, n.warehouse_id, n.quantity AS pieces
                FROM jsonb_to_recordset(v_plan)
                    AS n (variant_id uuid, warehouse_id uuid, quantity integer)
                UNION ALL
                SELECT h.variant_id, h.warehouse_id, -h.quantity
                FROM stock_reservations h WHERE h.cart_id = v_cart.id AND h.status = 'active'
            ) s
            GROUP BY s.variant_id, s.warehouse_id
            HAVING SUM(s.pieces) <> 0
        ) d
        WHERE i.variant_id = d.variant_id AND i.warehouse_id = d.warehouse_id;
        UPDATE stock_reservations h
        SET status = 'released', ended_at = v_now, end_reason = 'line_removed', updated_at = v_now
        WHERE h.cart_id = v_cart.id AND h.status = 'active'
          AND NOT EXISTS (
              SELECT FROM cart_items ci
              WHERE ci.cart_id = v_cart.id AND ci.variant_id = h.variant_id AND NOT ci.is_deleted
          );
        -- a living hold keeps its first time, so no change of the cart makes it last longer
        INSERT INTO stock_reservations AS h (variant_id, warehouse_id, cart_id, quantity,
            cart_version, first_held_at, expires_at, created_by_id)
        SELECT n.variant_id, n.warehouse_id, v_cart.id, n.quantity, v_cart.version, v_now,
               v_now + make_interval(secs => LEAST(p_hold_seconds, p_hold_max_seconds)), p_user_id
        FROM jsonb_to_recordset(v_plan)
            AS n (variant_id uuid, warehouse_id uuid, quantity integer)
        ON CONFLICT (cart_id, variant_id) WHERE status = 'active' DO UPDATE
        SET warehouse_id = EXCLUDED.warehouse_id, quantity = EXCLUDED.quantity,
            cart_version = EXCLUDED.cart_version, updated_at = v_now,
            expires_at = GREATEST(h.expires_at, LEAST(EXCLUDED.expires_at,
                h.first_held_at + make_interval(secs => p_hold_max_seconds)));

        UPDATE carts SET last_active_at = v_now, updated_at = v_now WHERE id = v_cart.id;
        SELECT MIN(expires_at) INTO o_expires_at FROM stock_reservations
        WHERE cart_id = v_cart.id AND status = 'active';
        o_cart_id := v_cart.id;
        o_cart_version := v_cart.version;
        SET CONSTRAINTS ALL IMMEDIATE;
    EXCEPTION WHEN OTHERS THEN
        ROLLBACK;
        RAISE;
    END;
    COMMIT;
END;
$procedure$;
