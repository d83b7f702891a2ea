-- add_to_cart: puts units of a variant into the buyer's open cart, opening the cart if needed.
-- Caller:   POST /cart/items (commerce.cart.views)
-- In:       p_variant_id, p_quantity units to add to what the line has; p_line_max units of one
--           variant and p_lines_max lines a cart may have; p_user_id or p_token_hash: whose cart;
--           p_owner, p_key, p_fingerprint: idempotency
-- Out:      o_cart_id, o_item_id the line; o_replayed whether an earlier call with the key did it
-- Locks:    user, cart
-- Errors:   SH422 key_reused, SH422 bad_quantity, SH404 variant_not_found,
--           SH409 variant_unavailable, SH410 cart_gone, SH422 line_limit_exceeded,
--           SH422 cart_full, SH409 insufficient_stock
-- Repeat:   by key; without one a second call adds again, as its name says
-- Keeps:    one open cart per owner; a line within its limit and within what one warehouse has
CREATE OR REPLACE PROCEDURE add_to_cart(
    p_variant_id uuid,
    p_quantity integer,
    p_line_max integer,
    p_lines_max integer,
    p_user_id uuid DEFAULT NULL,
    p_token_hash text DEFAULT NULL,
    p_owner uuid DEFAULT NULL,
    p_key text DEFAULT NULL,
    p_fingerprint text DEFAULT NULL,
    INOUT o_cart_id uuid DEFAULT NULL,
    INOUT o_item_id uuid DEFAULT NULL,
    INOUT o_replayed boolean DEFAULT FALSE
)
LANGUAGE plpgsql
AS $procedure$
DECLARE
    v_key idempotency_keys%ROWTYPE;
    v_cart carts%ROWTYPE;
    v_had integer;
    v_quantity bigint;  -- two integers may not fit into one
    v_price numeric;
    v_sellable boolean;
    v_available integer;
BEGIN
    BEGIN
        IF p_user_id IS NOT NULL THEN
            -- lock 1/2: user
            PERFORM id FROM users WHERE id = p_user_id FOR NO KEY UPDATE;
        END IF;
        -- A guest has no row to lock yet: the key's own uniqueness makes a twin wait here.
        IF p_key IS NOT NULL THEN
            INSERT INTO idempotency_keys (owner, key, fingerprint, procedure)
            VALUES (p_owner, p_key, p_fingerprint, 'add_to_cart')
            ON CONFLICT (owner, key) DO NOTHING;
            IF NOT FOUND THEN
                SELECT * INTO v_key
                FROM idempotency_keys
                WHERE owner = p_owner AND key = p_key
                FOR UPDATE;
                IF v_key.fingerprint <> p_fingerprint THEN
                    RAISE EXCEPTION 'key_reused' USING ERRCODE = 'SH422',
                        DETAIL = jsonb_build_object('procedure', v_key.procedure)::text;
                END IF;
                SELECT ci.cart_id, ci.id INTO o_cart_id, o_item_id
                FROM cart_items ci
                WHERE ci.id = v_key.result_id;
                o_replayed := TRUE;
            END IF;
        END IF;

        IF NOT o_replayed THEN
            IF p_quantity < 1 THEN
                RAISE EXCEPTION 'bad_quantity' USING ERRCODE = 'SH422',
                    DETAIL = jsonb_build_object('quantity', p_quantity)::text;
            END IF;
            SELECT v.price, v.status = 'active' AND p.status = 'active'
            INTO v_price, v_sellable
            FROM variants v
            JOIN products p ON p.id = v.product_id
            WHERE v.id = p_variant_id AND NOT v.is_deleted AND NOT p.is_deleted;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'variant_not_found' USING ERRCODE = 'SH404',
                    DETAIL = jsonb_build_object('variant_id', p_variant_id)::text;
            ELSIF NOT v_sellable THEN
                RAISE EXCEPTION 'variant_unavailable' USING ERRCODE = 'SH409',
                    DETAIL = jsonb_build_object('variant_id', p_variant_id)::text;
            END IF;

            IF p_user_id IS NOT NULL THEN
                INSERT INTO carts (user_id, created_by_id)
                VALUES (p_user_id, p_user_id)
                ON CONFLICT (user_id) WHERE status = 'open' DO NOTHING;
                -- lock 2/2: cart
                SELECT * INTO v_cart
                FROM carts
                WHERE user_id = p_user_id AND status = 'open'
                FOR NO KEY UPDATE;
            ELSE
                INSERT INTO carts (token_hash)
                VALUES (p_token_hash)
                ON CONFLICT (token_hash) DO NOTHING;
                -- lock 2/2: cart
                SELECT * INTO v_cart
                FROM carts
                WHERE token_hash = p_token_hash AND status = 'open' AND user_id IS NULL
                FOR NO KEY UPDATE;
            END IF;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'cart_gone' USING ERRCODE = 'SH410',
                    DETAIL = jsonb_build_object()::text;
            END IF;
            -- lock 2/2: cart lines; removed ones count as absent but keep their row
            SELECT CASE WHEN ci.is_deleted THEN 0 ELSE ci.quantity END INTO v_had
            FROM cart_items ci
            WHERE ci.cart_id = v_cart.id AND ci.variant_id = p_variant_id
            FOR UPDATE;
            v_had := COALESCE(v_had, 0);
            v_quantity := v_had::bigint + p_quantity;

            IF v_quantity > p_line_max THEN
                RAISE EXCEPTION 'line_limit_exceeded' USING ERRCODE = 'SH422',
                    DETAIL = jsonb_build_object('maximum', p_line_max)::text;
            END IF;
            IF v_had = 0 AND p_lines_max <= (
                SELECT count(*) FROM cart_items ci WHERE ci.cart_id = v_cart.id AND NOT ci.is_deleted
            ) THEN
                RAISE EXCEPTION 'cart_full' USING ERRCODE = 'SH422',
                    DETAIL = jsonb_build_object('maximum', p_lines_max)::text;
            END IF;

            INSERT INTO cart_items AS ci
                (cart_id, variant_id, quantity, seen_price, added_at, created_by_id)
            VALUES
                (v_cart.id, p_variant_id, v_quantity, v_price, clock_timestamp(), p_user_id)
            ON CONFLICT (cart_id, variant_id) DO UPDATE
            SET quantity = EXCLUDED.quantity,
                seen_price = EXCLUDED.seen_price,
                added_at = CASE WHEN ci.is_deleted THEN EXCLUDED.added_at ELSE ci.added_at END,
                is_deleted = FALSE,
                updated_at = clock_timestamp()
            RETURNING ci.id INTO o_item_id;

            SELECT s.available INTO v_available FROM cart_line_stock s WHERE s.line_id = o_item_id;
            IF v_quantity > v_available THEN
                RAISE EXCEPTION 'insufficient_stock' USING ERRCODE = 'SH409',
                    DETAIL = jsonb_build_object(
                        'variant_id', p_variant_id,
                        'requested', v_quantity,
                        'available', v_available
                    )::text;
            END IF;

            UPDATE carts
            SET version = version + 1,
                last_active_at = clock_timestamp(),
                updated_at = clock_timestamp()
            WHERE id = v_cart.id
            RETURNING id INTO o_cart_id;
            IF p_key IS NOT NULL THEN
                UPDATE idempotency_keys
                SET result_id = o_item_id, updated_at = clock_timestamp()
                WHERE owner = p_owner AND key = p_key;
            END IF;
        END IF;
        SET CONSTRAINTS ALL IMMEDIATE;
    EXCEPTION WHEN OTHERS THEN
        ROLLBACK;
        RAISE;
    END;
    COMMIT;
END;
$procedure$;
