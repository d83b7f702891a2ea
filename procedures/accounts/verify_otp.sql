-- verify_otp: checks a login code; a right one logs its owner in, a wrong one counts.
-- Caller:   POST /auth/otp/verify (commerce.accounts.views)
-- In:       p_phone in E.164, p_code_hash keyed hash of the code entered, p_max_failures wrong
--           codes in p_failure_window_seconds lock the phone
-- Out:      o_user_id, o_is_new whether the user was created by this login
-- Locks:    phone, user
-- Errors:   SH429 otp_locked, SH422 otp_invalid, SH410 otp_expired, SH403 user_deactivated
-- Repeat:   a code works once: the second right call finds none pending and is otp_invalid
-- Keeps:    a wrong code is counted and committed before it is refused
CREATE OR REPLACE PROCEDURE verify_otp(
    p_phone text,
    p_code_hash text,
    p_max_failures integer,
    p_failure_window_seconds integer,
    INOUT o_user_id uuid DEFAULT NULL,
    INOUT o_is_new boolean DEFAULT NULL
)
LANGUAGE plpgsql
AS $procedure$
DECLARE
    v_phone otp_phones%ROWTYPE;
    v_otp otp_verifications%ROWTYPE;
    v_user users%ROWTYPE;
    v_now timestamptz;
    v_locked_until timestamptz;
    v_failures integer;
    v_right boolean;
BEGIN
    BEGIN
        -- lock 1/2: phone; one that never asked for a code has no row, and nothing to guess
        SELECT * INTO v_phone FROM otp_phones WHERE phone = p_phone FOR UPDATE;
        -- lock 1/2: phone's pending code
        SELECT * INTO v_otp
        FROM otp_verifications
        WHERE phone = p_phone AND status = 'pending'
        FOR UPDATE;

        v_now := clock_timestamp();
        v_locked_until := v_phone.failures_since + make_interval(secs => p_failure_window_seconds);
        v_failures := CASE WHEN v_locked_until > v_now THEN v_phone.failures ELSE 0 END;
        IF v_failures >= p_max_failures THEN
            RAISE EXCEPTION 'otp_locked' USING ERRCODE = 'SH429',
                DETAIL = jsonb_build_object(
                    'retry_after_seconds', ceil(extract(epoch FROM v_locked_until - v_now))::integer
                )::text;
        END IF;

        v_right := COALESCE(v_otp.code_hash = p_code_hash, FALSE);
        IF v_right THEN
            IF v_otp.expires_at <= v_now THEN
                RAISE EXCEPTION 'otp_expired' USING ERRCODE = 'SH410',
                    DETAIL = jsonb_build_object('expired_at', v_otp.expires_at)::text;
            END IF;
            INSERT INTO users (phone) VALUES (p_phone) ON CONFLICT (phone) DO NOTHING;
            o_is_new := FOUND;
            -- lock 2/2: user
            SELECT * INTO v_user FROM users WHERE phone = p_phone FOR NO KEY UPDATE;
            IF v_user.status <> 'active' THEN
                RAISE EXCEPTION 'user_deactivated' USING ERRCODE = 'SH403',
                    DETAIL = jsonb_build_object()::text;
            END IF;
            o_user_id := v_user.id;
            UPDATE otp_verifications
            SET status = 'verified', attempts = attempts + 1, verified_at = v_now, updated_at = v_now
            WHERE id = v_otp.id;
            UPDATE otp_phones
            SET failures = 0, failures_since = NULL, updated_at = v_now
            WHERE id = v_phone.id;
        ELSIF v_otp.id IS NOT NULL THEN
            v_failures := v_failures + 1;
            UPDATE otp_verifications
            SET attempts = attempts + 1, updated_at = v_now
            WHERE id = v_otp.id;
            UPDATE otp_phones
            SET failures = v_failures,
                failures_since = CASE WHEN v_failures = 1 THEN v_now ELSE failures_since END,
                updated_at = v_now
            WHERE id = v_phone.id;
        END IF;
        SET CONSTRAINTS ALL IMMEDIATE;
    EXCEPTION WHEN OTHERS THEN
        ROLLBACK;
        RAISE;
    END;
    COMMIT;
    IF NOT v_right THEN
        RAISE EXCEPTION 'otp_invalid' USING ERRCODE = 'SH422',
            DETAIL = jsonb_build_object('attempts_left', p_max_failures - v_failures)::text;
    END IF;
END;
$procedure$;
