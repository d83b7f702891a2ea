-- rollback_coupon: gives back the coupon slot of a cart, of a cancelled order, or an expired one.
-- Caller:   DELETE /cart/coupon; the workflow cancel; the job that ends expired slots
-- In:       p_user_id takes the coupon off the open cart; or p_order_id of a cancelled or
--           undeliverable order; or p_usage_id of one reserved slot, with p_only_expired only when
--           its time is over (the cart keeps its coupon, checkout judges it); p_reason why
-- Out:      o_rolled_back slots
-- Locks:    cart, order, coupon
-- Errors:   SH404 order_not_found, SH409 order_not_cancelled
-- Repeat:   a slot is given back once; a second call finds none and answers 0
-- Keeps:    uses <= limits: only a living slot counts
CREATE OR REPLACE PROCEDURE rollback_coupon(
    p_user_id uuid DEFAULT NULL,
    p_order_id uuid DEFAULT NULL,
    p_usage_id uuid DEFAULT NULL,
    p_reason text DEFAULT '',
    p_only_expired boolean DEFAULT FALSE,
    INOUT o_rolled_back integer DEFAULT NULL
)
LANGUAGE plpgsql
AS $procedure$
DECLARE
    v_cart carts%ROWTYPE;
    v_order orders%ROWTYPE;
    v_usages uuid[];
    v_now timestamptz;
BEGIN
    BEGIN
        -- lock 1/3: cart
        SELECT * INTO v_cart FROM carts WHERE user_id = p_user_id AND status = 'open'
        FOR NO KEY UPDATE;
        IF p_order_id IS NOT NULL THEN
            -- lock 2/3: order
            SELECT * INTO v_order FROM orders WHERE id = p_order_id FOR UPDATE;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'order_not_found' USING ERRCODE = 'SH404',
                    DETAIL = jsonb_build_object('order_id', p_order_id)::text;
            ELSIF v_order.status NOT IN ('cancelled', 'returned_to_origin') THEN
                RAISE EXCEPTION 'order_not_cancelled' USING ERRCODE = 'SH409',
                    DETAIL = jsonb_build_object('status', v_order.status)::text;
            END IF;
        END IF;

        SELECT array_agg(id) INTO v_usages FROM coupon_usage
        WHERE (cart_id = v_cart.id AND status = 'reserved')
           OR (order_id = p_order_id AND status IN ('bound', 'redeemed'))
           OR (id = p_usage_id AND status = 'reserved');
        -- lock 3/3: coupon
        PERFORM FROM coupons
        WHERE id IN (SELECT u.coupon_id FROM coupon_usage u WHERE u.id = ANY (v_usages))
        ORDER BY id FOR UPDATE;
        v_now := clock_timestamp();
        -- a slot that was bound or ended before the coupon's lock came is no longer this call's
        UPDATE coupon_usage
        SET status = 'rolled_back', ended_at = v_now, updated_at = v_now, version = version + 1,
            end_reason = left(COALESCE(p_reason, ''), 60)
        WHERE id = ANY (v_usages)
          AND (status = 'reserved'
               OR (order_id = p_order_id AND status IN ('bound', 'redeemed')))
          AND (NOT p_only_expired OR (status = 'reserved' AND expires_at <= v_now));
        GET DIAGNOSTICS o_rolled_back = ROW_COUNT;

        UPDATE carts
        SET coupon_id = NULL, version = version + 1, last_active_at = v_now, updated_at = v_now
        WHERE id = v_cart.id AND coupon_id IS NOT NULL;
        UPDATE saga_log SET status = 'done', finished_at = v_now, updated_at = v_now
        WHERE step = 'rollback_coupon' AND subject_id = p_order_id AND status = 'pending';
        SET CONSTRAINTS ALL IMMEDIATE;
    EXCEPTION WHEN OTHERS THEN
        ROLLBACK;
        RAISE;
    END;
    COMMIT;
END;
$procedure$;
