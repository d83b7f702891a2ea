-- validate_coupon_usage_limit: recounts the uses of the cart's coupon and secures its slot.
-- Caller:   POST /checkout, its second step (commerce.orders.workflows)
-- In:       p_user_id whose open cart; p_slot_seconds the slot lives from now
-- Out:      o_cart_id; o_coupon_id on the cart, NULL when there is none
-- Locks:    cart, coupon
-- Errors:   SH404 cart_not_found, SH409 coupon_limit_reached, SH409 coupon_user_limit_reached
-- Repeat:   renews the slot that the cart has
-- Keeps:    uses <= limits in all and per user; one living slot per cart
CREATE OR REPLACE PROCEDURE validate_coupon_usage_limit(
    p_user_id uuid,
    p_slot_seconds integer,
    INOUT o_cart_id uuid DEFAULT NULL,
    INOUT o_coupon_id uuid DEFAULT NULL
)
LANGUAGE plpgsql
AS $procedure$
DECLARE
    v_cart carts%ROWTYPE;
    v_coupon coupons%ROWTYPE;
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
        SELECT * INTO v_coupon FROM coupons WHERE id = v_cart.coupon_id FOR UPDATE;
        IF FOUND THEN
            v_now := clock_timestamp();
            UPDATE coupon_usage
            SET status = 'rolled_back', ended_at = v_now, end_reason = 'expired',
                version = version + 1, updated_at = v_now
            WHERE coupon_id = v_coupon.id AND status = 'reserved' AND expires_at <= v_now
              AND cart_id <> v_cart.id;
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
        END IF;

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
