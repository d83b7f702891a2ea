-- validate_cart_before_checkout: tells what changed in a cart and marks its version as checked.
-- Caller:   POST /cart/validate, POST /checkout (commerce.orders.workflows)
-- In:       p_cod_max_total the most that may be paid in cash; p_user_id or p_token_hash: whose
--           cart; p_address_id, p_payment_method: stored when given, else the cart's own count
-- Out:      o_cart_id, o_cart_version; o_valid: nothing inactive and nothing short of stock;
--           o_changes [{kind: price|stock|inactive|coupon, …}], money as text
-- Locks:    cart, coupon
-- Errors:   SH404 cart_not_found, SH409 cart_empty, SH404 address_not_found,
--           SH422 address_not_serviceable, SH422 cod_not_allowed, SH422 cod_limit_exceeded
-- Repeat:   a second call finds the price seen and the coupon gone, and reports only what lasts
-- Keeps:    a validated version has no inactive line; stock is judged finally by lock_inventory
CREATE OR REPLACE PROCEDURE validate_cart_before_checkout(
    p_cod_max_total numeric,
    p_user_id uuid DEFAULT NULL,
    p_token_hash text DEFAULT NULL,
    p_address_id uuid DEFAULT NULL,
    p_payment_method text DEFAULT NULL,
    INOUT o_cart_id uuid DEFAULT NULL,
    INOUT o_cart_version integer DEFAULT NULL,
    INOUT o_valid boolean DEFAULT NULL,
    INOUT o_changes jsonb DEFAULT NULL
)
LANGUAGE plpgsql
AS $procedure$
DECLARE
    v_cart carts%ROWTYPE;
    v_coupon coupons%ROWTYPE;
    v_address addresses%ROWTYPE;
    v_pincode serviceable_pincodes%ROWTYPE;
    v_reason text;
    v_total numeric;
    v_inactive boolean;
BEGIN
    BEGIN
        -- lock 1/2: cart
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
        -- lock 1/2: cart lines
        PERFORM id FROM cart_items WHERE cart_id = v_cart.id AND NOT is_deleted ORDER BY id FOR UPDATE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'cart_empty' USING ERRCODE = 'SH409',
                DETAIL = jsonb_build_object('cart_id', v_cart.id)::text;
        END IF;
        IF v_cart.coupon_id IS NOT NULL THEN
            -- lock 2/2: coupon
            SELECT * INTO v_coupon FROM coupons WHERE id = v_cart.coupon_id FOR UPDATE;
        END IF;

        -- An address that left the book since it was chosen is forgotten, not an error.
        SELECT * INTO v_address
        FROM addresses
        WHERE id = COALESCE(p_address_id, v_cart.address_id)
          AND user_id = v_cart.user_id
          AND NOT is_deleted;
        IF NOT FOUND AND p_address_id IS NOT NULL THEN
            RAISE EXCEPTION 'address_not_found' USING ERRCODE = 'SH404',
                DETAIL = jsonb_build_object('address_id', p_address_id)::text;
        END IF;
        UPDATE carts
        SET address_id = v_address.id,
            payment_method = COALESCE(p_payment_method, payment_method),
            last_active_at = clock_timestamp(),
            updated_at = clock_timestamp()
        WHERE id = v_cart.id
        RETURNING * INTO v_cart;

        IF v_address.id IS NOT NULL THEN
            SELECT s.* INTO v_pincode
            FROM serviceable_pincodes s
            WHERE s.pincode = v_address.pincode
              AND s.is_serviceable
              AND NOT s.is_deleted
              AND EXISTS (SELECT FROM cart_warehouses w WHERE w.cart_id = v_cart.id);
            IF NOT FOUND THEN
                RAISE EXCEPTION 'address_not_serviceable' USING ERRCODE = 'SH422',
                    DETAIL = jsonb_build_object('pincode', v_address.pincode)::text;
            END IF;
        END IF;

        -- One statement, so that the price reported is the price noted as seen.
        WITH lines AS (
            SELECT ci.id, ci.added_at, ci.variant_id, ci.quantity, ci.seen_price, s.available,
                   v.sku, p.name, l.unit_price, l.sellable
            FROM cart_items ci
            JOIN priced_lines l
                ON l.kind = 'cart' AND l.owner_id = ci.cart_id AND l.line_id = ci.id
            JOIN cart_line_stock s ON s.line_id = ci.id
            JOIN variants v ON v.id = ci.variant_id
            JOIN products p ON p.id = v.product_id
            WHERE ci.cart_id = v_cart.id AND NOT ci.is_deleted
        ),
        seen AS (
            UPDATE cart_items ci
            SET seen_price = l.unit_price, updated_at = clock_timestamp()
            FROM lines l
            WHERE ci.id = l.id AND l.sellable AND l.seen_price <> l.unit_price
        )
        SELECT COALESCE(jsonb_agg(
                   jsonb_build_object(
                       'kind', c.kind,
                       'item_id', l.id,
                       'variant_id', l.variant_id,
                       'sku', l.sku,
                       'name', l.name
                   ) || c.figures ORDER BY l.added_at, l.id, c.kind
               ), '[]'),
               COALESCE(bool_or(c.kind = 'inactive'), FALSE),
               COALESCE(bool_and(c.kind = 'price'), TRUE)
        INTO o_changes, v_inactive, o_valid
        FROM lines l
        CROSS JOIN LATERAL (
            SELECT 'inactive' AS kind, jsonb_build_object() AS figures
            WHERE NOT l.sellable
            UNION ALL
            SELECT 'price', jsonb_build_object('was', l.seen_price::text, 'now', l.unit_price::text)
            WHERE l.sellable AND l.seen_price <> l.unit_price
            UNION ALL
            SELECT 'stock', jsonb_build_object('requested', l.quantity, 'available', l.available)
            WHERE l.sellable AND l.quantity > l.available
        ) c;

        IF v_cart.coupon_id IS NOT NULL THEN
            -- A place that this cart itself has, living or not, does not count against it.
            SELECT CASE
                       WHEN v_coupon.status <> 'active' OR v_coupon.is_deleted
                           THEN 'coupon_not_active'
                       WHEN v_coupon.starts_at > clock_timestamp() THEN 'coupon_not_started'
                       WHEN v_coupon.ends_at <= clock_timestamp() THEN 'coupon_expired'
                       WHEN q.items_total < v_coupon.min_subtotal THEN 'coupon_minimum'
                       WHEN NOT q.coupon_holds THEN 'coupon_not_applicable'
                       WHEN v_coupon.first_order_only AND EXISTS (
                           SELECT FROM orders o
                           WHERE o.user_id = v_cart.user_id AND o.status <> 'cancelled'
                       ) THEN 'coupon_first_order_only'
                       WHEN used.by_user >= v_coupon.per_user_limit
                           THEN 'coupon_user_limit_reached'
                       WHEN used.by_all >= v_coupon.total_limit THEN 'coupon_limit_reached'
                   END
            INTO v_reason
            FROM quotes q
            CROSS JOIN (
                SELECT count(*) AS by_all,
                       count(*) FILTER (WHERE u.user_id = v_cart.user_id) AS by_user
                FROM coupon_usage u
                WHERE u.coupon_id = v_coupon.id
                  AND (u.status IN ('bound', 'redeemed')
                       OR (u.status = 'reserved'
                           AND u.expires_at > clock_timestamp()
                           AND u.cart_id <> v_cart.id))
            ) used
            WHERE q.kind = 'cart' AND q.owner_id = v_cart.id;
            IF v_reason IS NOT NULL THEN
                UPDATE coupon_usage
                SET status = 'rolled_back',
                    version = version + 1,
                    ended_at = clock_timestamp(),
                    end_reason = v_reason,
                    updated_at = clock_timestamp()
                WHERE cart_id = v_cart.id AND coupon_id = v_coupon.id AND status = 'reserved';
                UPDATE carts
                SET coupon_id = NULL, version = version + 1
                WHERE id = v_cart.id
                RETURNING * INTO v_cart;
                o_changes := o_changes || jsonb_build_array(jsonb_build_object(
                    'kind', 'coupon', 'code', v_coupon.code, 'reason', v_reason
                ));
            END IF;
        END IF;

        IF v_cart.payment_method = 'cod' THEN
            IF NOT v_pincode.cod_allowed THEN
                v_reason := 'pincode';
            ELSIF EXISTS (SELECT FROM users WHERE id = v_cart.user_id AND NOT cod_allowed) THEN
                v_reason := 'customer';
            ELSE
                v_reason := NULL;
            END IF;
            IF v_reason IS NOT NULL THEN
                RAISE EXCEPTION 'cod_not_allowed' USING ERRCODE = 'SH422',
                    DETAIL = jsonb_build_object('reason', v_reason)::text;
            END IF;
            SELECT q.total INTO v_total
            FROM quotes q
            WHERE q.kind = 'cart' AND q.owner_id = v_cart.id;
            IF v_total > p_cod_max_total THEN
                RAISE EXCEPTION 'cod_limit_exceeded' USING ERRCODE = 'SH422',
                    DETAIL = jsonb_build_object(
                        'maximum', p_cod_max_total::text, 'total', v_total::text
                    )::text;
            END IF;
        END IF;

        UPDATE carts
        SET validated_version = CASE WHEN v_inactive THEN NULL ELSE version END,
            validated_at = CASE WHEN v_inactive THEN NULL ELSE clock_timestamp() END
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
