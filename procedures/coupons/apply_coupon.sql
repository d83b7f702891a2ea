-- apply_coupon: puts a coupon on the open cart and takes a slot of its limits.
-- Caller:   POST /cart/coupon (commerce.cart.views)
-- In:       p_user_id whose open cart; p_code in any case; p_slot_seconds the slot lives
-- Out:      o_cart_id; o_coupon_id now on the cart
-- Locks:    cart, coupon
-- Errors:   SH404 cart_not_found, SH404 coupon_not_found, SH409 cart_empty,
--           SH422 coupon_not_active, SH422 coupon_not_started, SH422 coupon_expired,
--           SH422 coupon_minimum, SH422 coupon_not_applicable, SH422 coupon_first_order_only,
--           SH409 coupon_limit_reached, SH409 coupon_user_limit_reached
-- Repeat:   the same coupon again renews the cart's slot and leaves the cart's version
-- Keeps:    uses <= limits in all and per user; one living slot per cart
CREATE OR REPLACE PROCEDURE apply_coupon(
    p_user_id uuid,
    p_code text,
    p_slot_seconds integer,
    INOUT o_cart_id uuid DEFAULT NULL,
    INOUT o_coupon_id uuid DEFAULT NULL
)
LANGUAGE plpgsql
AS $procedure$
DECLARE
    v_cart carts%ROWTYPE;
    v_coupon coupons%ROWTYPE;
    v_subtotal numeric;
    v_uses bigint;
    v_own_uses bigint;
    v_now timestamptz;
BEGIN
    BEGIN
        -- lock 1/2: cart
        SELECT * INTO v_cart FROM carts WHERE user_id = p_user_id AND status = 'open'
        FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'cart_not_found' USING ERRCODE = 'SH404',
                DETAIL = jsonb_build_object()::text;
        END IF;
        -- lock 2/2: coupon
        PERFORM FROM coupons
        WHERE code = upper(btrim(p_code))
           OR id IN (SELECT u.coupon_id FROM coupon_usage u
                     WHERE u.cart_id = v_cart.id AND u.status = 'reserved')
        ORDER BY id FOR UPDATE;
        v_now := clock_timestamp();
        SELECT * INTO v_coupon FROM coupons
        WHERE code = upper(btrim(p_code)) AND NOT is_deleted AND status <> 'draft';
        IF NOT FOUND THEN
            RAISE EXCEPTION 'coupon_not_found' USING ERRCODE = 'SH404',
                DETAIL = jsonb_build_object('code', p_code)::text;
        ELSIF v_coupon.status <> 'active' THEN
            RAISE EXCEPTION 'coupon_not_active' USING ERRCODE = 'SH422',
                DETAIL = jsonb_build_object('code', v_coupon.code)::text;
        ELSIF v_coupon.starts_at > v_now THEN
            RAISE EXCEPTION 'coupon_not_started' USING ERRCODE = 'SH422',
                DETAIL = jsonb_build_object('code', v_coupon.code,
                                            'starts_at', v_coupon.starts_at)::text;
        ELSIF v_coupon.ends_at <= v_now THEN
            RAISE EXCEPTION 'coupon_expired' USING ERRCODE = 'SH422',
                DETAIL = jsonb_build_object('code', v_coupon.code,
                                            'ends_at', v_coupon.ends_at)::text;
        END IF;

        -- on the cart first, so that the shared views judge the cart with this coupon
        UPDATE carts
        SET coupon_id = v_coupon.id, last_active_at = v_now, updated_at = v_now,
            version = version + CASE WHEN coupon_id = v_coupon.id THEN 0 ELSE 1 END
        WHERE id = v_cart.id;
        SELECT SUM(quantity * unit_price) INTO v_subtotal FROM priced_lines
        WHERE kind = 'cart' AND owner_id = v_cart.id;
        IF v_subtotal IS NULL THEN
            RAISE EXCEPTION 'cart_empty' USING ERRCODE = 'SH409',
                DETAIL = jsonb_build_object('cart_id', v_cart.id)::text;
        ELSIF v_subtotal < v_coupon.min_subtotal THEN
            RAISE EXCEPTION 'coupon_minimum' USING ERRCODE = 'SH422',
                DETAIL = jsonb_build_object('minimum', v_coupon.min_subtotal::text,
                                            'subtotal', v_subtotal::text)::text;
        ELSIF NOT EXISTS (SELECT FROM priced_lines
                          WHERE kind = 'cart' AND owner_id = v_cart.id AND eligible) THEN
            RAISE EXCEPTION 'coupon_not_applicable' USING ERRCODE = 'SH422',
                DETAIL = jsonb_build_object('code', v_coupon.code)::text;
        ELSIF v_coupon.first_order_only AND EXISTS (
            SELECT FROM orders WHERE user_id = p_user_id AND status <> 'cancelled'
        ) THEN
            RAISE EXCEPTION 'coupon_first_order_only' USING ERRCODE = 'SH422',
                DETAIL = jsonb_build_object('code', v_coupon.code)::text;
        END IF;

        -- another coupon's slot of this cart and this coupon's stale ones are given back
        UPDATE coupon_usage
        SET status = 'rolled_back', ended_at = v_now, updated_at = v_now, version = version + 1,
            end_reason = CASE WHEN coupon_id = v_coupon.id THEN 'expired' ELSE 'replaced' END
        WHERE status = 'reserved'
          AND ((cart_id = v_cart.id AND coupon_id <> v_coupon.id)
               OR (cart_id <> v_cart.id AND coupon_id = v_coupon.id AND expires_at <= v_now));
        -- without a limit in all, only this buyer's uses are worth counting
        SELECT COUNT(*), COUNT(*) FILTER (WHERE user_id = p_user_id) INTO v_uses, v_own_uses
        FROM coupon_usage
        WHERE coupon_id = v_coupon.id AND status IN ('reserved', 'bound', 'redeemed')
          AND NOT (status = 'reserved' AND cart_id = v_cart.id)
          AND (v_coupon.total_limit IS NOT NULL OR user_id = p_user_id);
        IF v_uses >= v_coupon.total_limit THEN
            RAISE EXCEPTION 'coupon_limit_reached' USING ERRCODE = 'SH409',
                DETAIL = jsonb_build_object('code', v_coupon.code,
                                            'limit', v_coupon.total_limit)::text;
        ELSIF v_own_uses >= v_coupon.per_user_limit THEN
            RAISE EXCEPTION 'coupon_user_limit_reached' USING ERRCODE = 'SH409',
                DETAIL = jsonb_build_object('code', v_coupon.code,
                                            'limit', v_coupon.per_user_limit)::text;
        END IF;
        INSERT INTO coupon_usage AS u (coupon_id, user_id, cart_id, expires_at, created_by_id)
        VALUES (v_coupon.id, p_user_id, v_cart.id,
                v_now + make_interval(secs => p_slot_seconds), p_user_id)
        ON CONFLICT (cart_id) WHERE status = 'reserved' DO UPDATE
        SET expires_at = EXCLUDED.expires_at, version = u.version + 1, updated_at = v_now;

        o_cart_id := v_cart.id;
        o_coupon_id := v_coupon.id;
        SET CONSTRAINTS ALL IMMEDIATE;
    EXCEPTION WHEN OTHERS THEN
        ROLLBACK;
        RAISE;
    END;
    COMMIT;
END;
$procedure$;
