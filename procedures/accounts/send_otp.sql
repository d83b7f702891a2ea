-- send_otp: records a login code to be sent, within the limits of the phone and of the network.
-- Caller:   POST /auth/otp/send (commerce.accounts.views), which then sends the SMS
-- In:       p_phone in E.164, p_ip, p_code_hash keyed hash of the code, p_ttl_seconds it lives,
--           p_cooldown_seconds between two codes, p_phone_limit and p_ip_limit codes an hour,
--           p_max_failures wrong codes in p_failure_window_seconds lock the phone
-- Out:      o_otp_id, o_expires_at
-- Locks:    phone, ip
-- Errors:   SH429 otp_locked, SH429 otp_cooldown, SH429 otp_phone_limit, SH429 otp_ip_limit
-- Repeat:   refused by the cool-down; a refusal counts nothing
-- Keeps:    one pending code per phone; a new code leaves the count of wrong ones as it is
CREATE OR REPLACE PROCEDURE send_otp(
    p_phone text,
    p_ip text,
    p_code_hash text,
    p_ttl_seconds integer,
    p_cooldown_seconds integer,
    p_phone_limit integer,
    p_ip_limit integer,
    p_max_failures integer,
    p_failure_window_seconds integer,
    INOUT o_otp_id uuid DEFAULT NULL,
    INOUT o_expires_at timestamptz DEFAULT NULL
)
LANGUAGE plpgsql
AS $procedure$
DECLARE
    v_phone otp_phones%ROWTYPE;
    v_ip otp_ip_counters%ROWTYPE;
    v_now timestamptz;
    v_locked_until timestamptz;
    v_quiet_until timestamptz;
    v_phone_until timestamptz;
    v_ip_until timestamptz;
BEGIN
    BEGIN
        INSERT INTO otp_phones (phone, window_started_at)
        VALUES (p_phone, clock_timestamp())
        ON CONFLICT (phone) DO NOTHING;
        -- lock 1/2: phone
        SELECT * INTO v_phone FROM otp_phones WHERE phone = p_phone FOR UPDATE;
        -- lock 1/2: phone's pending code
        PERFORM id FROM otp_verifications WHERE phone = p_phone AND status = 'pending' FOR UPDATE;
        INSERT INTO otp_ip_counters (ip, window_started_at)
        VALUES (p_ip::inet, clock_timestamp())
        ON CONFLICT (ip) DO NOTHING;
        -- lock 2/2: ip
        SELECT * INTO v_ip FROM otp_ip_counters WHERE ip = p_ip::inet FOR UPDATE;

        v_now := clock_timestamp();
        v_locked_until := v_phone.failures_since + make_interval(secs => p_failure_window_seconds);
        v_quiet_until := v_phone.last_sent_at + make_interval(secs => p_cooldown_seconds);
        v_phone_until := v_phone.window_started_at + interval '1 hour';
        v_ip_until := v_ip.window_started_at + interval '1 hour';

        IF v_phone.failures >= p_max_failures AND v_locked_until > v_now THEN
            RAISE EXCEPTION 'otp_locked' USING ERRCODE = 'SH429',
                DETAIL = jsonb_build_object(
                    'retry_after_seconds', ceil(extract(epoch FROM v_locked_until - v_now))::integer
                )::text;
        ELSIF v_quiet_until > v_now THEN
            RAISE EXCEPTION 'otp_cooldown' USING ERRCODE = 'SH429',
                DETAIL = jsonb_build_object(
                    'retry_after_seconds', ceil(extract(epoch FROM v_quiet_until - v_now))::integer
                )::text;
        ELSIF v_phone.sends >= p_phone_limit AND v_phone_until > v_now THEN
            RAISE EXCEPTION 'otp_phone_limit' USING ERRCODE = 'SH429',
                DETAIL = jsonb_build_object(
                    'retry_after_seconds', ceil(extract(epoch FROM v_phone_until - v_now))::integer
                )::text;
        ELSIF v_ip.sends >= p_ip_limit AND v_ip_until > v_now THEN
            RAISE EXCEPTION 'otp_ip_limit' USING ERRCODE = 'SH429',
                DETAIL = jsonb_build_object(
                    'retry_after_seconds', ceil(extract(epoch FROM v_ip_until - v_now))::integer
                )::text;
        END IF;

        UPDATE otp_verifications
        SET status = CASE WHEN expires_at > v_now THEN 'superseded' ELSE 'expired' END,
            updated_at = v_now
        WHERE phone = p_phone AND status = 'pending';
        INSERT INTO otp_verifications (phone, code_hash, ip, expires_at)
        VALUES (p_phone, p_code_hash, p_ip::inet, v_now + make_interval(secs => p_ttl_seconds))
        RETURNING id, expires_at INTO o_otp_id, o_expires_at;

        UPDATE otp_phones
        SET sends = CASE WHEN v_phone_until > v_now THEN sends + 1 ELSE 1 END,
            window_started_at = CASE WHEN v_phone_until > v_now THEN window_started_at ELSE v_now END,
            last_sent_at = v_now,
            updated_at = v_now
        WHERE id = v_phone.id;
        UPDATE otp_ip_counters
        SET sends = CASE WHEN v_ip_until > v_now THEN sends + 1 ELSE 1 END,
            window_started_at = CASE WHEN v_ip_until > v_now THEN window_started_at ELSE v_now END,
            updated_at = v_now
        WHERE id = v_ip.id;
        SET CONSTRAINTS ALL IMMEDIATE;
    EXCEPTION WHEN OTHERS THEN
        ROLLBACK;
        RAISE;
    END;
    COMMIT;
END;
$procedure$;
