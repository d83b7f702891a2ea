-- lock_inventory: makes the holds of validated carts equal to their lines, each cart all or nothing.
-- Caller:   POST /checkout, its last step (commerce.cart.holding), for those who come at one moment
-- In:       p_user_id whose open cart, or NULL and p_user_ids of buyers, first come first served;
--           p_hold_seconds a hold lives; p_hold_max_seconds it may live in all, however renewed
-- Out:      o_cart_id; o_expires_at when the first of its holds ends; o_cart_version held for;
--           of several o_outcomes [{user_id, cart_id, expires_at, cart_version} or {user_id,
--           shortfalls}]: who is not in it asks alone, waits if need be and is told why
-- Locks:    carts, inventory, holds
-- Errors:   SH404 cart_not_found, SH409 cart_empty, SH409 checkout_stale,
--           SH422 address_not_serviceable, SH409 insufficient_stock
-- Repeat:   fitting holds are kept and renewed, never past p_hold_max_seconds from their first
-- Keeps:    reserved = sum of active holds; a line is never split; reserved <= on_hand
CREATE OR REPLACE PROCEDURE lock_inventory(
    p_user_id uuid,
    p_hold_seconds integer,
    p_hold_max_seconds integer,
    p_user_ids uuid[] DEFAULT NULL,
    INOUT o_cart_id uuid DEFAULT NULL,
    INOUT o_expires_at timestamptz DEFAULT NULL,
    INOUT o_cart_version integer DEFAULT NULL,
    INOUT o_outcomes jsonb DEFAULT NULL
)
LANGUAGE plpgsql
AS $procedure$
DECLARE
    v_cart carts%ROWTYPE;
    v_pincode text;
    v_carts uuid[];
    v_reach_carts uuid[];
    v_reach_warehouses uuid[];
    v_reach_places bigint[];
    v_rows uuid[];
    v_asking uuid[];
    v_held_carts uuid[];
    v_held_variants uuid[];
    v_held_warehouses uuid[];
    v_held_quantities integer[];
    v_outcomes jsonb := '[]'::jsonb;
    v_short jsonb := '[]'::jsonb;
    v_found boolean;
    v_now timestamptz;
BEGIN
    BEGIN
        SET LOCAL plan_cache_mode = force_generic_plan;  -- planning anew would cost more than running
        SET LOCAL enable_seqscan = off;  -- a plan made while there were few holds must serve many
        IF p_user_ids IS NULL THEN
            -- lock 1/3: cart
            SELECT * INTO v_cart FROM carts WHERE user_id = p_user_id AND status = 'open' FOR NO KEY UPDATE;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'cart_not_found' USING ERRCODE = 'SH404',
                    DETAIL = jsonb_build_object()::text;
            ELSIF NOT EXISTS (SELECT FROM cart_items WHERE cart_id = v_cart.id AND NOT is_deleted) THEN
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
            v_carts := ARRAY[v_cart.id];
        ELSE
            SET LOCAL lock_timeout = '250ms';  -- one busy row is not to keep many waiting: each asks alone
            -- lock 1/3: carts, but for those that are busy
            v_carts := ARRAY(
                SELECT id FROM carts WHERE user_id = ANY (p_user_ids) AND status = 'open'
                ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
            );
        END IF;

        -- the warehouses that deliver to each validated cart, best first
        SELECT array_agg(w.cart_id), array_agg(w.warehouse_id), array_agg(w.place)
        INTO v_reach_carts, v_reach_warehouses, v_reach_places
        FROM cart_warehouses w JOIN carts c ON c.id = w.cart_id
        WHERE w.cart_id = ANY (v_carts) AND c.validated_version = c.version;
        IF p_user_ids IS NULL AND v_reach_carts IS NULL THEN
            RAISE EXCEPTION 'address_not_serviceable' USING ERRCODE = 'SH422',
                DETAIL = jsonb_build_object('pincode', v_pincode)::text;
        END IF;

        v_asking := ARRAY(
            SELECT c.id FROM carts c WHERE c.id = ANY (v_reach_carts)
              AND EXISTS (SELECT FROM cart_items ci WHERE ci.cart_id = c.id AND NOT ci.is_deleted)
            ORDER BY array_position(p_user_ids, c.user_id)
        );
        -- what the lines could come from, and what the carts hold already
        SELECT array_agg(s.id) INTO v_rows
        FROM (
            SELECT i.id
            FROM unnest(v_reach_carts, v_reach_warehouses) AS w (cart_id, warehouse_id)
            JOIN cart_items ci ON ci.cart_id = w.cart_id AND NOT ci.is_deleted
            JOIN inventory i ON i.variant_id = ci.variant_id AND i.warehouse_id = w.warehouse_id
            UNION
            SELECT i.id FROM stock_reservations h
            JOIN inventory i ON i.variant_id = h.variant_id AND i.warehouse_id = h.warehouse_id
            WHERE h.cart_id = ANY (v_reach_carts) AND h.status = 'active'
        ) s;
        -- lock 2/3: inventory
        PERFORM FROM inventory WHERE id = ANY (v_rows)
        ORDER BY variant_id, warehouse_id FOR UPDATE;
        v_now := clock_timestamp();
        -- lock 3/3: holds
        PERFORM FROM stock_reservations WHERE id = ANY (ARRAY(
            SELECT h.id FROM stock_reservations h
            WHERE h.cart_id = ANY (v_reach_carts) AND h.status = 'active'
            UNION
            SELECT h.id FROM inventory i
            JOIN stock_reservations h USING (variant_id, warehouse_id) WHERE i.id = ANY (v_rows)
              AND h.status = 'active' AND h.order_id IS NULL AND h.expires_at <= v_now
        )) ORDER BY id FOR UPDATE;
        v_found := FOUND;
        IF v_found THEN
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
        END IF;
        -- a round serves whoever fits beside all before them; the first that serves nobody is the last
        WHILE cardinality(v_asking) > 0 LOOP
            -- one warehouse for all lines of a cart if there is one, else for each line the first
            -- that can; what the cart holds itself is free to it
            WITH free AS (
                SELECT ci.cart_id, ci.variant_id, ci.quantity, w.warehouse_id, w.place,
                       COALESCE(i.on_hand - i.reserved, 0) AS pieces,
                       COALESCE((SELECT h.quantity FROM stock_reservations h
                                 WHERE h.cart_id = ci.cart_id AND h.variant_id = ci.variant_id
                                   AND h.warehouse_id = i.warehouse_id AND h.status = 'active'
                       ), 0) AS own
                FROM unnest(v_reach_carts, v_reach_warehouses, v_reach_places)
                    AS w (cart_id, warehouse_id, place)
                JOIN cart_items ci ON ci.cart_id = w.cart_id AND NOT ci.is_deleted
                LEFT JOIN inventory i ON i.variant_id = ci.variant_id
                     AND i.warehouse_id = w.warehouse_id AND i.id = ANY (v_rows)
                WHERE w.cart_id = ANY (v_asking)
            ),
            whole AS (
                SELECT DISTINCT ON (cart_id) cart_id, place FROM free GROUP BY cart_id, place
                HAVING bool_and(pieces + own >= quantity) ORDER BY cart_id, place
            ),
            chosen AS (
                SELECT DISTINCT ON (f.cart_id, f.variant_id) f.*,
                       MAX(f.pieces + f.own) OVER (PARTITION BY f.cart_id, f.variant_id) AS most
                FROM free f LEFT JOIN whole w ON w.cart_id = f.cart_id
                ORDER BY f.cart_id, f.variant_id, f.place IS DISTINCT FROM w.place,
                         f.pieces + f.own < f.quantity, f.place
            ),
            queued AS (
                SELECT c.*, GREATEST(c.quantity - c.own, 0) AS more,
                       bool_and(c.most >= c.quantity) OVER (PARTITION BY c.cart_id) AS possible,
                       array_position(v_asking, c.cart_id) AS turn
                FROM chosen c
            ),
            counted AS (
                SELECT q.*, SUM(q.more) FILTER (WHERE q.possible) OVER (
                                PARTITION BY q.variant_id, q.warehouse_id ORDER BY q.turn
                            ) AS so_far
                FROM queued q
            ),
            served AS (
                SELECT c.*, c.possible AND bool_and(c.more = 0 OR c.so_far <= c.pieces)
                                OVER (PARTITION BY c.cart_id) AS held
                FROM counted c
            )
            SELECT array_agg(s.cart_id) FILTER (WHERE s.held),
                   array_agg(s.variant_id) FILTER (WHERE s.held),
                   array_agg(s.warehouse_id) FILTER (WHERE s.held),
                   array_agg(s.quantity) FILTER (WHERE s.held),
                   ARRAY(SELECT cart_id FROM served WHERE NOT held GROUP BY 1, turn ORDER BY turn),
                   COALESCE((SELECT jsonb_agg(t.outcome) FROM (
                       SELECT jsonb_build_object('cart_id', u.cart_id, 'shortfalls', jsonb_agg(
                                  jsonb_build_object('variant_id', v.id, 'sku', v.sku, 'requested',
                                      u.quantity, 'available', u.most) ORDER BY v.sku)) AS outcome
                       FROM served u JOIN variants v ON v.id = u.variant_id
                       WHERE u.most < u.quantity AND NOT EXISTS (SELECT FROM served WHERE held)
                       GROUP BY u.cart_id) t), '[]')
            INTO v_held_carts, v_held_variants, v_held_warehouses, v_held_quantities, v_asking, v_short
            FROM served s;
            EXIT WHEN v_held_carts IS NULL;

            -- from what the carts held to what they are to hold: stock first, then the holds
            UPDATE inventory i
            SET reserved = i.reserved + d.delta, version = i.version + 1, updated_at = v_now
            FROM (
                SELECT s.variant_id, s.warehouse_id, SUM(s.pieces) AS delta
                FROM (
                    SELECT n.* FROM unnest(v_held_variants, v_held_warehouses, v_held_quantities)
                        AS n (variant_id, warehouse_id, pieces)
                    UNION ALL
                    SELECT h.variant_id, h.warehouse_id, -h.quantity FROM stock_reservations h
                    WHERE h.cart_id = ANY (v_held_carts) AND h.status = 'active'
                ) s
                GROUP BY s.variant_id, s.warehouse_id
                HAVING SUM(s.pieces) <> 0
            ) d
            WHERE i.variant_id = d.variant_id AND i.warehouse_id = d.warehouse_id;
            IF v_found THEN
                UPDATE stock_reservations h
                SET status = 'released', ended_at = v_now, end_reason = 'line_removed', updated_at = v_now
                WHERE h.cart_id = ANY (v_held_carts) AND h.status = 'active'
                  AND NOT EXISTS (
                      SELECT FROM cart_items ci WHERE ci.cart_id = h.cart_id
                        AND ci.variant_id = h.variant_id AND NOT ci.is_deleted
                  );
            END IF;
            -- a living hold keeps its first time, so no change of the cart makes it last longer
            WITH held AS (
                INSERT INTO stock_reservations AS h (variant_id, warehouse_id, cart_id, quantity,
                    cart_version, first_held_at, expires_at, created_by_id)
                SELECT n.variant_id, n.warehouse_id, n.cart_id, n.quantity, c.version, v_now,
                       v_now + make_interval(secs => LEAST(p_hold_seconds, p_hold_max_seconds)),
                       c.user_id
                FROM unnest(v_held_carts, v_held_variants, v_held_warehouses, v_held_quantities)
                    AS n (cart_id, variant_id, warehouse_id, quantity)
                JOIN carts c ON c.id = n.cart_id
                ON CONFLICT (cart_id, variant_id) WHERE status = 'active' DO UPDATE
                SET warehouse_id = EXCLUDED.warehouse_id, quantity = EXCLUDED.quantity,
                    cart_version = EXCLUDED.cart_version, updated_at = v_now,
                    expires_at = GREATEST(h.expires_at, LEAST(EXCLUDED.expires_at,
                        h.first_held_at + make_interval(secs => p_hold_max_seconds)))
                RETURNING h.cart_id, h.cart_version, h.expires_at
            )
            SELECT v_outcomes || COALESCE(jsonb_agg(to_jsonb(s)), '[]') INTO v_outcomes
            FROM (SELECT cart_id, cart_version, MIN(expires_at) AS expires_at
                  FROM held GROUP BY cart_id, cart_version) s;
        END LOOP;

        IF p_user_ids IS NOT NULL THEN
            SELECT jsonb_agg(s.outcome || jsonb_build_object('user_id', c.user_id))
            INTO o_outcomes
            FROM jsonb_array_elements(v_outcomes || v_short) AS s (outcome)
            JOIN carts c ON c.id = (s.outcome ->> 'cart_id')::uuid;
        ELSIF v_short <> '[]' THEN
            RAISE EXCEPTION 'insufficient_stock' USING ERRCODE = 'SH409', DETAIL =
                jsonb_build_object('shortfalls', v_short #> '{0,shortfalls}')::text;
        ELSE
            o_cart_id := v_cart.id;
            o_cart_version := v_cart.version;
            o_expires_at := (v_outcomes #>> '{0,expires_at}')::timestamptz;
        END IF;
        SET CONSTRAINTS ALL IMMEDIATE;
    EXCEPTION WHEN OTHERS THEN
        ROLLBACK;
        RAISE;
    END;
    COMMIT;
END;
$procedure$;
