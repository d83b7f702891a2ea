-- create_order: turns a validated cart with living holds into an order at the agreed total.
-- Caller:   POST /orders (commerce.orders.workflows)
-- In:       p_user_id the buyer; p_address_id, p_payment_method as checkout was told;
--           p_expected_total the total the buyer agreed to; p_payment_window_seconds the life of
--           an unpaid order; p_cod_max_total the most that may be paid in cash, if there is such;
--           p_owner, p_key, p_fingerprint of the request
-- Out:      o_order_id, o_number of the order; o_replayed whether an earlier call made it
-- Locks:    user, cart, coupon, inventory, holds
-- Errors:   SH404 cart_not_found, SH409 cart_empty, SH409 checkout_stale, SH409 quote_changed,
--           SH422 nothing_to_pay, SH409 coupon_slot_lost, SH422 cod_not_allowed,
--           SH422 cod_limit_exceeded, SH422 key_reused
-- Repeat:   the key answers the first order; without a key the cart is closed, so none is found
-- Keeps:    order lines = cart lines = holds; order total = its quote = what the buyer agreed to;
--           prices and sums come from one statement, so from one state of the catalogue; the
--           state that GST goes by is the pincode's, whatever the buyer wrote
CREATE OR REPLACE PROCEDURE create_order(
    p_user_id uuid,
    p_address_id uuid,
    p_payment_method text,
    p_expected_total numeric,
    p_payment_window_seconds integer,
    p_cod_max_total numeric DEFAULT NULL,
    p_owner uuid DEFAULT NULL,
    p_key text DEFAULT NULL,
    p_fingerprint text DEFAULT NULL,
    INOUT o_order_id uuid DEFAULT NULL,
    INOUT o_number text DEFAULT NULL,
    INOUT o_replayed boolean DEFAULT FALSE
)
LANGUAGE plpgsql
AS $procedure$
DECLARE
    v_key idempotency_keys%ROWTYPE;
    v_cart carts%ROWTYPE;
    v_address addresses%ROWTYPE;
    v_state text;
    v_cod_allowed boolean;
    v_stale text;
    v_total numeric;
    v_refusal text;
BEGIN
    BEGIN
        -- lock 1/5: user
        SELECT cod_allowed INTO v_cod_allowed FROM users
        WHERE id = p_user_id AND status = 'active' FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'cart_not_found' USING ERRCODE = 'SH404',
                DETAIL = jsonb_build_object('user_id', p_user_id)::text;
        END IF;

        IF p_key IS NOT NULL THEN
            INSERT INTO idempotency_keys (owner, key, fingerprint, procedure)
            VALUES (p_owner, p_key, p_fingerprint, 'create_order')
            ON CONFLICT (owner, key) DO NOTHING;
            IF NOT FOUND THEN
                SELECT * INTO v_key FROM idempotency_keys
                WHERE owner = p_owner AND key = p_key FOR UPDATE;
                IF v_key.fingerprint <> p_fingerprint THEN
                    RAISE EXCEPTION 'key_reused' USING ERRCODE = 'SH422',
                        DETAIL = jsonb_build_object('procedure', v_key.procedure)::text;
                END IF;
                SELECT id, number INTO o_order_id, o_number FROM orders WHERE id = v_key.result_id;
                o_replayed := TRUE;
            END IF;
        END IF;

        IF NOT o_replayed THEN
            -- lock 2/5: cart
            SELECT * INTO v_cart FROM carts
            WHERE user_id = p_user_id AND status = 'open' FOR NO KEY UPDATE;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'cart_not_found' USING ERRCODE = 'SH404',
                    DETAIL = jsonb_build_object('user_id', p_user_id)::text;
            END IF;
            IF NOT EXISTS (SELECT FROM cart_items WHERE cart_id = v_cart.id AND NOT is_deleted) THEN
                RAISE EXCEPTION 'cart_empty' USING ERRCODE = 'SH409',
                    DETAIL = jsonb_build_object('cart_id', v_cart.id)::text;
            END IF;

            -- lock 3/5: coupon
            PERFORM 1 FROM coupons WHERE id = v_cart.coupon_id FOR UPDATE;
            PERFORM 1 FROM coupon_usage
            WHERE cart_id = v_cart.id AND status = 'reserved' ORDER BY id FOR UPDATE;

            -- lock 4/5: inventory
            PERFORM 1 FROM inventory i
            WHERE EXISTS (
                SELECT FROM stock_reservations r
                WHERE r.cart_id = v_cart.id AND r.status = 'active'
                  AND r.variant_id = i.variant_id AND r.warehouse_id = i.warehouse_id
            )
            ORDER BY i.variant_id, i.warehouse_id FOR UPDATE;
            -- lock 5/5: holds
            PERFORM 1 FROM stock_reservations
            WHERE cart_id = v_cart.id AND status = 'active'
            ORDER BY variant_id, warehouse_id FOR UPDATE;

            -- While the cart is locked its holds can only have become fewer: read them again.
            SELECT * INTO v_address FROM addresses
            WHERE id = p_address_id AND user_id = p_user_id AND NOT is_deleted;
            SELECT state INTO v_state FROM serviceable_pincodes
            WHERE pincode = v_address.pincode AND is_serviceable AND NOT is_deleted
              AND (p_payment_method <> 'cod' OR cod_allowed);
            v_stale := CASE
                WHEN v_cart.validated_version IS DISTINCT FROM v_cart.version THEN 'version'
                WHEN v_address.id IS NULL OR v_cart.address_id IS DISTINCT FROM v_address.id
                    THEN 'address'
                WHEN v_cart.payment_method IS DISTINCT FROM p_payment_method THEN 'payment_method'
            END;
            SELECT COALESCE(v_stale, CASE
                WHEN bool_or(NOT l.sellable) THEN 'unavailable'
                WHEN bool_or(r.expires_at <= clock_timestamp()) THEN 'expired'
                WHEN bool_or(r.quantity IS DISTINCT FROM l.quantity) THEN 'holds'
                -- The address may have been edited since: these warehouses must still serve it.
                WHEN bool_or(NOT EXISTS (
                    SELECT FROM warehouse_regions g
                    WHERE g.warehouse_id = r.warehouse_id AND NOT g.is_deleted
                      AND starts_with(v_address.pincode, g.prefix)
                )) OR v_state IS NULL THEN 'address'
            END) INTO v_stale
            FROM (
                SELECT variant_id, quantity, sellable FROM priced_lines
                WHERE kind = 'cart' AND owner_id = v_cart.id
            ) l
            FULL JOIN (
                SELECT variant_id, warehouse_id, quantity, expires_at FROM stock_reservations
                WHERE cart_id = v_cart.id AND status = 'active'
            ) r ON r.variant_id = l.variant_id;
            IF v_stale IS NOT NULL THEN
                RAISE EXCEPTION 'checkout_stale' USING ERRCODE = 'SH409',
                    DETAIL = jsonb_build_object('reason', v_stale)::text;
            END IF;
            IF p_payment_method = 'cod' AND NOT v_cod_allowed THEN
                RAISE EXCEPTION 'cod_not_allowed' USING ERRCODE = 'SH422',
                    DETAIL = jsonb_build_object('reason', 'customer')::text;
            END IF;
            IF v_cart.coupon_id IS NOT NULL AND NOT EXISTS (
                SELECT FROM coupon_usage
                WHERE cart_id = v_cart.id AND coupon_id = v_cart.coupon_id AND status = 'reserved'
                  AND expires_at > clock_timestamp()
            ) THEN
                RAISE EXCEPTION 'coupon_slot_lost' USING ERRCODE = 'SH409',
                    DETAIL = jsonb_build_object('coupon_id', v_cart.coupon_id)::text;
            END IF;

            -- The quote is judged where it is used, so a refused one takes no number.
            WITH quote AS (
                SELECT q.*, CASE
                    WHEN q.coupon_id IS NOT NULL AND NOT q.coupon_holds THEN 'checkout_stale'
                    WHEN q.total IS DISTINCT FROM p_expected_total THEN 'quote_changed'
                    WHEN q.total = 0 THEN 'nothing_to_pay'
                    WHEN p_payment_method = 'cod' AND q.total > p_cod_max_total
                        THEN 'cod_limit_exceeded'
                END AS refusal
                FROM quotes q WHERE q.kind = 'cart' AND q.owner_id = v_cart.id
            ), placed AS (
                INSERT INTO orders (
                    number, user_id, cart_id, payment_method, currency, subtotal, discount,
                    coupon_id, coupon_code, coupon_discount, shipping_fee, cod_fee, tax_included,
                    total, shipping_address, ship_state, ship_pincode, placed_at, expires_at,
                    created_by_id
                )
                SELECT 'KS' || to_char(clock_timestamp() AT TIME ZONE 'Asia/Kolkata', 'YYMM') || '-'
                           || to_char(nextval('order_number_seq'), 'FM9999999000000'),
                       p_user_id, v_cart.id, p_payment_method, q.currency, q.subtotal, q.discount,
                       q.coupon_id, COALESCE(q.coupon_code, ''), q.coupon_discount, q.shipping,
                       q.cod_fee, q.tax_included, q.total,
                       jsonb_build_object(
                           'name', v_address.name, 'phone', v_address.phone,
                           'line1', v_address.line1, 'line2', v_address.line2,
                           'city', v_address.city, 'state', v_address.state,
                           'pincode', v_address.pincode, 'kind', v_address.kind
                       ),
                       v_state, v_address.pincode, clock_timestamp(),
                       clock_timestamp() + make_interval(secs => p_payment_window_seconds),
                       p_user_id
                FROM quote q WHERE q.refusal IS NULL
                RETURNING id, number
            ), lines AS (
                INSERT INTO order_items (
                    order_id, variant_id, warehouse_id, sku, product_slug, name, size, colour,
                    image, hsn_code, gst_rate, origin_state, quantity, unit_mrp, unit_price,
                    coupon_base, created_by_id
                )
                SELECT o.id, s.variant_id, w.id, v.sku, p.slug, p.name, v.size, v.colour,
                       COALESCE((
                           SELECT m.image FROM product_images m
                           WHERE m.product_id = p.id AND NOT m.is_deleted
                           ORDER BY (m.variant_id = v.id) DESC NULLS LAST, m.position, m.id LIMIT 1
                       ), ''),
                       s.hsn_code, s.gst_rate, w.state, s.quantity, s.unit_mrp, s.unit_price,
                       s.coupon_base, p_user_id
                FROM placed o
                JOIN line_shares s ON s.kind = 'cart' AND s.owner_id = v_cart.id
                JOIN variants v ON v.id = s.variant_id
                JOIN products p ON p.id = v.product_id
                JOIN stock_reservations r
                    ON r.cart_id = v_cart.id AND r.variant_id = v.id AND r.status = 'active'
                JOIN warehouses w ON w.id = r.warehouse_id
            )
            SELECT q.total, q.refusal, o.id, o.number
            INTO v_total, v_refusal, o_order_id, o_number
            FROM quote q LEFT JOIN placed o ON TRUE;
            IF v_refusal = 'checkout_stale' THEN
                -- A coupon without effect would be used up for nothing.
                RAISE EXCEPTION 'checkout_stale' USING ERRCODE = 'SH409',
                    DETAIL = jsonb_build_object('reason', 'coupon')::text;
            ELSIF v_refusal = 'quote_changed' THEN
                RAISE EXCEPTION 'quote_changed' USING ERRCODE = 'SH409',
                    DETAIL = jsonb_build_object(
                        'expected', p_expected_total::text, 'actual', v_total::text,
                        'difference', (v_total - p_expected_total)::text
                    )::text;
            ELSIF v_refusal = 'nothing_to_pay' THEN
                -- A payment of nothing does not exist, so neither does an order that waits for it.
                RAISE EXCEPTION 'nothing_to_pay' USING ERRCODE = 'SH422',
                    DETAIL = jsonb_build_object('total', v_total::text)::text;
            ELSIF v_refusal = 'cod_limit_exceeded' THEN
                RAISE EXCEPTION 'cod_limit_exceeded' USING ERRCODE = 'SH422',
                    DETAIL = jsonb_build_object(
                        'maximum', p_cod_max_total::text, 'total', v_total::text
                    )::text;
            END IF;

            UPDATE coupon_usage
            SET status = 'bound', order_id = o_order_id, expires_at = NULL, version = version + 1,
                updated_at = clock_timestamp()
            WHERE cart_id = v_cart.id AND coupon_id = v_cart.coupon_id AND status = 'reserved';
            UPDATE stock_reservations r
            SET order_id = o_order_id, order_item_id = i.id, updated_at = clock_timestamp()
            FROM order_items i
            WHERE i.order_id = o_order_id AND r.cart_id = v_cart.id
              AND r.variant_id = i.variant_id AND r.status = 'active';
            UPDATE carts
            SET status = 'ordered', closed_at = clock_timestamp(), updated_at = clock_timestamp()
            WHERE id = v_cart.id;
            INSERT INTO order_events (order_id, seq, from_status, to_status, actor_kind, actor_id)
            VALUES (o_order_id, 1, '', 'created', 'customer', p_user_id);
            INSERT INTO saga_log (
                kind, saga_id, step, subject_id, payload_hash, compensation, due_at
            )
            VALUES (
                'place', o_order_id, 'freeze_order_pricing', o_order_id,
                encode(sha256(convert_to('{}', 'UTF8')), 'hex'), 'cancel_order',
                clock_timestamp() + interval '1 minute'
            )
            ON CONFLICT (kind, saga_id, step, subject_id) DO NOTHING;
            UPDATE idempotency_keys
            SET result_id = o_order_id, updated_at = clock_timestamp()
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
