-- payment_webhook: records a signature-checked event of a payment provider, once, as it came.
-- Caller:   POST /payments/webhooks/{provider}, POST /payments/{id}/verify, and a refund's answer
-- In:       p_provider with p_event_id names the event; p_kind; p_source (webhook, client, provider);
--           p_raw_body as received; p_provider_order_id, p_provider_payment_id, p_provider_refund_id,
--           p_amount, p_currency as told; p_refund_id our own refund where it is known
-- Out:      o_event_id to settle; o_duplicate when it was recorded before; o_status 'recorded' or 'settled'
-- Locks:    event
-- Errors:   SH422 event_kind_unknown
-- Repeat:   unique per provider and event id: the first body is kept, the second call returns its id;
--           an id that is used again for another order, payment, refund or kind is an event of its own
-- Keeps:    no event is lost or recorded twice; linking and settling never make the recording fail
CREATE OR REPLACE PROCEDURE payment_webhook(
    p_provider text,
    p_event_id text,
    p_kind text,
    p_source text,
    p_raw_body text,
    p_provider_order_id text DEFAULT NULL,
    p_provider_payment_id text DEFAULT NULL,
    p_provider_refund_id text DEFAULT NULL,
    p_refund_id uuid DEFAULT NULL,
    p_amount numeric DEFAULT NULL,
    p_currency text DEFAULT NULL,
    INOUT o_event_id uuid DEFAULT NULL,
    INOUT o_duplicate boolean DEFAULT NULL,
    INOUT o_status text DEFAULT NULL
)
LANGUAGE plpgsql
AS $procedure$
DECLARE
    v_payment_id uuid;
    v_refund_id uuid;
    v_event_id text := p_event_id;
BEGIN
    BEGIN
        IF p_kind NOT IN ('payment.captured', 'payment.failed',
                          'refund.processing', 'refund.processed', 'refund.failed') THEN
            RAISE EXCEPTION 'event_kind_unknown' USING ERRCODE = 'SH422',
                DETAIL = jsonb_build_object('kind', p_kind)::text;
        END IF;
        -- A hint only, hence unlocked: verify_payment looks again under its locks
        IF starts_with(p_kind, 'refund.') THEN
            SELECT r.id, r.payment_id INTO v_refund_id, v_payment_id FROM refunds r
            WHERE r.provider = p_provider
              AND (r.provider_refund_id = p_provider_refund_id OR r.id = p_refund_id)
            ORDER BY (r.provider_refund_id = p_provider_refund_id) IS TRUE DESC
            LIMIT 1;
        ELSE
            SELECT p.id INTO v_payment_id FROM payments p
            WHERE p.provider = p_provider
              AND (p.provider_payment_id = p_provider_payment_id OR p.provider_order_id = p_provider_order_id)
            ORDER BY (p.provider_payment_id = p_provider_payment_id) IS TRUE DESC
            LIMIT 1;
        END IF;
        -- A loop, since an id that comes again with other news names another event: no capture is lost by it
        LOOP
            INSERT INTO payment_events (
                provider, event_id, kind, source, payment_id, refund_id, provider_order_id,
                provider_payment_id, provider_refund_id, amount, currency, raw_body
            ) VALUES (
                p_provider, v_event_id, p_kind, p_source, v_payment_id, v_refund_id, p_provider_order_id,
                p_provider_payment_id, p_provider_refund_id, p_amount, p_currency, p_raw_body
            )
            ON CONFLICT (provider, event_id) DO NOTHING;
            o_duplicate := NOT FOUND;
            EXIT WHEN NOT o_duplicate OR v_event_id <> p_event_id OR NOT EXISTS (
                SELECT FROM payment_events e
                WHERE e.provider = p_provider AND e.event_id = p_event_id
                  AND (e.kind, e.provider_order_id, e.provider_payment_id, e.provider_refund_id)
                      IS DISTINCT FROM
                      (p_kind, p_provider_order_id, p_provider_payment_id, p_provider_refund_id)
            );
            v_event_id := left(p_event_id, 160) || '#' || md5(concat_ws('|', p_event_id, p_kind,
                p_provider_order_id, p_provider_payment_id, p_provider_refund_id));
        END LOOP;
        -- lock 1/1: event
        SELECT id, status INTO o_event_id, o_status FROM payment_events
        WHERE provider = p_provider AND event_id = v_event_id
        FOR UPDATE;
        SET CONSTRAINTS ALL IMMEDIATE;
    EXCEPTION WHEN OTHERS THEN
        ROLLBACK;
        RAISE;
    END;
    COMMIT;
END;
$procedure$;
