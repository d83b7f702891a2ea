-- freeze_order_pricing: fixes each line's coupon share and GST, then the order awaits payment.
-- Caller:   POST /orders and the job that resumes it (commerce.orders.workflows)
-- In:       p_order_id the order that create_order made
-- Out:      o_total the agreed total, which the lines and fees add up to
-- Locks:    order
-- Errors:   SH404 order_not_found, SH409 illegal_transition, SH409 pricing_mismatch
-- Repeat:   a frozen order answers its total and is left as it is
-- Keeps:    order total = lines + fees - discounts to the paisa; coupon shares sum to the coupon
--           discount; line total = taxable value + CGST + SGST + IGST
CREATE OR REPLACE PROCEDURE freeze_order_pricing(
    p_order_id uuid,
    INOUT o_total numeric DEFAULT NULL
)
LANGUAGE plpgsql
AS $procedure$
DECLARE
    v_order orders%ROWTYPE;
    v_computed numeric;
    v_tax numeric;
BEGIN
    BEGIN
        -- lock 1/1: order
        SELECT * INTO v_order FROM orders WHERE id = p_order_id FOR UPDATE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'order_not_found' USING ERRCODE = 'SH404',
                DETAIL = jsonb_build_object('order_id', p_order_id)::text;
        END IF;
        IF v_order.status = 'cancelled' OR (v_order.frozen_at IS NULL AND NOT EXISTS (
            SELECT FROM order_status_transitions
            WHERE from_status = v_order.status AND to_status = 'pending_payment'
              AND actor = 'system'
        )) THEN
            RAISE EXCEPTION 'illegal_transition' USING ERRCODE = 'SH409',
                DETAIL = jsonb_build_object(
                    'from', v_order.status, 'to', 'pending_payment', 'actor', 'system'
                )::text;
        END IF;

        o_total := v_order.total;
        IF v_order.frozen_at IS NULL THEN
            UPDATE order_items i
            SET coupon_share = s.coupon_share,
                line_total = s.line_total,
                taxable_value = s.line_total - s.tax,
                cgst = CASE WHEN s.is_local THEN round(s.tax / 2, 2) ELSE 0 END,
                sgst = CASE WHEN s.is_local THEN s.tax - round(s.tax / 2, 2) ELSE 0 END,
                igst = CASE WHEN s.is_local THEN 0 ELSE s.tax END,
                updated_at = clock_timestamp()
            FROM (
                SELECT ls.line_id, ls.coupon_share, ls.line_total, ls.tax,
                       lower(regexp_replace(oi.origin_state, '\s', '', 'g'))
                           = lower(regexp_replace(v_order.ship_state, '\s', '', 'g')) AS is_local
                FROM line_shares ls
                JOIN order_items oi ON oi.id = ls.line_id
                WHERE ls.kind = 'order' AND ls.owner_id = v_order.id
            ) s
            WHERE i.id = s.line_id;

            SELECT COALESCE(SUM(line_total), 0) + v_order.shipping_fee + v_order.cod_fee,
                   COALESCE(SUM(cgst + sgst + igst), 0)
            INTO v_computed, v_tax
            FROM order_items WHERE order_id = v_order.id;
            IF v_computed <> v_order.total THEN
                RAISE EXCEPTION 'pricing_mismatch' USING ERRCODE = 'SH409',
                    DETAIL = jsonb_build_object(
                        'agreed', v_order.total::text, 'computed', v_computed::text
                    )::text;
            END IF;

            -- The tax within is summed anew: ties between equal remainders may fall elsewhere.
            UPDATE orders
            SET status = 'pending_payment', frozen_at = clock_timestamp(), tax_included = v_tax,
                version = version + 1, updated_at = clock_timestamp()
            WHERE id = v_order.id;
            INSERT INTO order_events (order_id, seq, from_status, to_status, actor_kind)
            VALUES (v_order.id, v_order.version + 1, v_order.status, 'pending_payment', 'system');

            UPDATE saga_log
            SET status = 'done', finished_at = clock_timestamp(), updated_at = clock_timestamp()
            WHERE step = 'freeze_order_pricing' AND subject_id = v_order.id AND status = 'pending';
            IF v_order.payment_method = 'cod' THEN
                INSERT INTO saga_log (
                    kind, saga_id, step, subject_id, payload, payload_hash, compensation, due_at
                )
                SELECT 'place', v_order.id, 'register_payment_attempt', v_order.id, s.payload,
                       encode(sha256(convert_to(s.payload::text, 'UTF8')), 'hex'), 'cancel_order',
                       clock_timestamp() + interval '1 minute'
                FROM (SELECT jsonb_build_object('provider', 'cod') AS payload) s
                ON CONFLICT (kind, saga_id, step, subject_id) DO NOTHING;
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
