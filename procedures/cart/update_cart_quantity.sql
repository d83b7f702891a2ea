-- update_cart_quantity: sets the quantity of a cart line, or takes the line out.
-- Caller:   PATCH and DELETE /cart/items/{id} (commerce.cart.views)
-- In:       p_item_id the line, p_quantity the new quantity (0 removes), p_line_max units of one
--           variant a cart may have; p_user_id or p_token_hash: whose cart; p_expected_version:
--           the cart version that the buyer saw
-- Out:      o_cart_id, o_cart_version after the change
-- Locks:    cart
-- Errors:   SH422 bad_quantity, SH404 cart_not_found, SH404 cart_item_not_found,
--           SH409 version_conflict, SH422 line_limit_exceeded, SH409 variant_unavailable,
--           SH409 insufficient_stock
-- Repeat:   sets, so the same quantity again changes nothing and leaves the version alone
-- Keeps:    a line within its limit and within what one warehouse has
CREATE OR REPLACE PROCEDURE update_cart_quantity(
    p_item_id uuid,
    p_quantity integer,
    p_line_max integer,
    p_user_id uuid DEFAULT NULL,
    p_token_hash text DEFAULT NULL,
    p_expected_version integer DEFAULT NULL,
    INOUT o_cart_id uuid DEFAULT NULL,
    INOUT o_cart_version integer DEFAULT NULL
)
LANGUAGE plpgsql
AS $procedure$
DECLARE
    v_cart carts%ROWTYPE;
    v_item cart_items%ROWTYPE;
    v_price numeric;
    v_sellable boolean;
    v_available integer;
BEGIN
    BEGIN
        IF p_quantity < 0 THEN
            RAISE EXCEPTION 'bad_quantity' USING ERRCODE = 'SH422',
                DETAIL = jsonb_build_object('quantity', p_quantity)::text;
        END IF;
        -- lock 1/1: cart
        SELECT * INTO v_cart
        FROM carts
        WHERE status = 'open'
          AND (user_id = p_user_id
               OR (p_user_id IS NULL AND user_id IS NULL AND token_hash = p_token_hash))
        FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'cart_not_found' USING ERRCODE = 'SH404',
                DETAIL = jsonb_build_object()::text;
        END IF;
        -- lock 1/1: cart line
        SELECT * INTO v_item
        FROM cart_items
        WHERE id = p_item_id AND cart_id = v_cart.id AND NOT is_deleted
        FOR UPDATE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'cart_item_not_found' USING ERRCODE = 'SH404',
                DETAIL = jsonb_build_object('item_id', p_item_id)::text;
        END IF;
        IF v_cart.version <> p_expected_version THEN
            RAISE EXCEPTION 'version_conflict' USING ERRCODE = 'SH409',
                DETAIL = jsonb_build_object(
                    'expected', p_expected_version, 'actual', v_cart.version
                )::text;
        END IF;
        IF p_quantity > p_line_max THEN
            RAISE EXCEPTION 'line_limit_exceeded' USING ERRCODE = 'SH422',
                DETAIL = jsonb_build_object('maximum', p_line_max)::text;
        END IF;

        IF p_quantity > 0 THEN
            SELECT l.unit_price, l.sellable, s.available
            INTO v_price, v_sellable, v_available
            FROM priced_lines l
            JOIN cart_line_stock s ON s.line_id = l.line_id
            WHERE l.kind = 'cart' AND l.owner_id = v_cart.id AND l.line_id = v_item.id;
            IF NOT v_sellable THEN
                RAISE EXCEPTION 'variant_unavailable' USING ERRCODE = 'SH409',
                    DETAIL = jsonb_build_object('variant_id', v_item.variant_id)::text;
            ELSIF p_quantity > v_available THEN
                RAISE EXCEPTION 'insufficient_stock' USING ERRCODE = 'SH409',
                    DETAIL = jsonb_build_object(
                        'variant_id', v_item.variant_id,
                        'requested', p_quantity,
                        'available', v_available
                    )::text;
            END IF;
            UPDATE cart_items
            SET quantity = p_quantity, seen_price = v_price, updated_at = clock_timestamp()
            WHERE id = v_item.id;
        ELSE
            -- The quantity stays on the row: it is at least one by rule, and tells what was there.
            UPDATE cart_items
            SET is_deleted = TRUE, updated_at = clock_timestamp()
            WHERE id = v_item.id;
        END IF;

        UPDATE carts
        SET version = version + CASE WHEN p_quantity = v_item.quantity THEN 0 ELSE 1 END,
            last_active_at = clock_timestamp(),
            updated_at = clock_timestamp()
        WHERE id = v_cart.id
        RETURNING id, version INTO o_cart_id, o_cart_version;
        SET CONSTRAINTS ALL IMMEDIATE;
    EXCEPTION WHEN OTHERS THEN
        ROLLBACK;
        RAISE;
    END;
    COMMIT;
END;
$procedure$;
