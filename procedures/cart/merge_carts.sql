-- merge_carts: moves the lines of a guest's cart into the cart of the user who has logged in.
-- Caller:   POST /auth/otp/verify (commerce.accounts.views), after the login has committed
-- In:       p_user_id, p_token_hash of the guest's cart, p_line_max units of one variant and
--           p_lines_max lines a cart may have
-- Out:      o_cart_id the user's open cart if there is one; o_merged whether a guest cart was taken
--           in; o_report {kept, added, capped, dropped}: lists of lines, see below
-- Locks:    user, cart
-- Errors:   none
-- Repeat:   a merged, ordered, abandoned or unknown token is ignored: o_merged is false
-- Keeps:    one open cart per user; a line within its limit and within what one warehouse has
CREATE OR REPLACE PROCEDURE merge_carts(
    p_user_id uuid,
    p_token_hash text,
    p_line_max integer,
    p_lines_max integer,
    INOUT o_cart_id uuid DEFAULT NULL,
    INOUT o_merged boolean DEFAULT FALSE,
    INOUT o_report jsonb DEFAULT NULL
)
LANGUAGE plpgsql
AS $procedure$
DECLARE
    v_guest_id uuid;
    v_lines integer;
BEGIN
    BEGIN
        o_report := '{"kept": [], "added": [], "capped": [], "dropped": []}';
        -- lock 1/2: user
        PERFORM id FROM users WHERE id = p_user_id FOR NO KEY UPDATE;
        -- lock 2/2: cart of the guest; whoever merges it meanwhile leaves no row to find
        SELECT id INTO v_guest_id
        FROM carts
        WHERE token_hash = p_token_hash AND status = 'open' AND user_id IS NULL
        FOR NO KEY UPDATE;
        o_merged := FOUND;
        IF o_merged THEN
            INSERT INTO carts (user_id, created_by_id)
            VALUES (p_user_id, p_user_id)
            ON CONFLICT (user_id) WHERE status = 'open' DO NOTHING;
        END IF;
        -- lock 2/2: cart of the user; two merges share at most the guest's, so neither waits in turn
        SELECT id INTO o_cart_id
        FROM carts
        WHERE user_id = p_user_id AND status = 'open'
        FOR NO KEY UPDATE;

        IF o_merged THEN
            -- lock 2/2: cart lines of both
            PERFORM id FROM cart_items WHERE cart_id IN (v_guest_id, o_cart_id) ORDER BY id FOR UPDATE;
            SELECT count(*) INTO v_lines
            FROM cart_items
            WHERE cart_id = o_cart_id AND NOT is_deleted;

            -- kept: the user's own lines that nothing came to; added: came over whole; capped: in
            -- part, as far as limit and stock allow (never below what the user had); dropped: not.
            WITH brought AS (
                SELECT g.variant_id, g.quantity, g.seen_price, g.added_at, l.sellable,
                       CASE WHEN u.is_deleted THEN 0 ELSE COALESCE(u.quantity, 0) END AS had,
                       COALESCE(us.available, gs.available) AS available
                FROM cart_items g
                JOIN priced_lines l
                    ON l.kind = 'cart' AND l.owner_id = g.cart_id AND l.line_id = g.id
                JOIN cart_line_stock gs ON gs.line_id = g.id
                LEFT JOIN cart_items u ON u.cart_id = o_cart_id AND u.variant_id = g.variant_id
                LEFT JOIN cart_line_stock us ON us.line_id = u.id
                WHERE g.cart_id = v_guest_id AND NOT g.is_deleted
            ),
            sized AS (
                SELECT b.*,
                       b.had + b.quantity AS wanted,
                       GREATEST(b.had, LEAST(b.had + b.quantity, p_line_max, b.available)) AS allowed
                FROM brought b
            ),
            judged AS (
                SELECT s.*,
                       CASE
                           WHEN NOT s.sellable THEN 'unavailable'
                           WHEN s.allowed = 0 THEN 'out_of_stock'
                           WHEN s.had = 0 AND v_lines + row_number() OVER (
                               PARTITION BY s.sellable AND s.allowed > 0 AND s.had = 0
                               ORDER BY s.added_at, s.variant_id
                           ) > p_lines_max THEN 'cart_full'
                           WHEN s.allowed < s.wanted THEN 'capped'
                           ELSE 'added'
                       END AS outcome
                FROM sized s
            ),
            written AS (
                INSERT INTO cart_items AS ci
                    (cart_id, variant_id, quantity, seen_price, added_at, created_by_id)
                SELECT o_cart_id, j.variant_id, j.allowed, j.seen_price, j.added_at, p_user_id
                FROM judged j
                WHERE j.outcome IN ('added', 'capped') AND j.allowed > j.had
                ON CONFLICT (cart_id, variant_id) DO UPDATE
                SET quantity = EXCLUDED.quantity,
                    seen_price = CASE WHEN ci.is_deleted THEN EXCLUDED.seen_price
                                      ELSE ci.seen_price END,
                    added_at = CASE WHEN ci.is_deleted THEN EXCLUDED.added_at ELSE ci.added_at END,
                    is_deleted = FALSE,
                    updated_at = clock_timestamp()
                RETURNING ci.id
            ),
            told AS (
                SELECT CASE WHEN j.outcome IN ('added', 'capped') THEN j.outcome ELSE 'dropped' END
                           AS list,
                       j.variant_id,
                       j.added_at,
                       CASE
                           WHEN j.outcome = 'added' THEN jsonb_build_object('quantity', j.allowed)
                           WHEN j.outcome = 'capped' THEN jsonb_build_object(
                               'requested', j.wanted, 'quantity', j.allowed
                           )
                           ELSE jsonb_build_object('quantity', j.quantity, 'reason', j.outcome)
                       END AS figures
                FROM judged j
                UNION ALL
                SELECT 'kept', u.variant_id, u.added_at, jsonb_build_object('quantity', u.quantity)
                FROM cart_items u
                WHERE u.cart_id = o_cart_id
                  AND NOT u.is_deleted
                  AND NOT EXISTS (
                      SELECT FROM judged j
                      WHERE j.variant_id = u.variant_id AND j.outcome IN ('added', 'capped')
                  )
            ),
            lists AS (
                SELECT t.list,
                       jsonb_agg(
                           jsonb_build_object('variant_id', v.id, 'sku', v.sku, 'name', p.name)
                           || t.figures ORDER BY t.added_at, v.sku
                       ) AS lines
                FROM told t
                JOIN variants v ON v.id = t.variant_id
                JOIN products p ON p.id = v.product_id
                GROUP BY t.list
            )
            SELECT o_report || COALESCE(jsonb_object_agg(l.list, l.lines), '{}'),
                   (SELECT count(*) FROM written)
            INTO o_report, v_lines
            FROM lists l;

            UPDATE carts
            SET version = version + CASE WHEN v_lines > 0 THEN 1 ELSE 0 END,
                last_active_at = clock_timestamp(),
                updated_at = clock_timestamp()
            WHERE id = o_cart_id;
            UPDATE carts
            SET status = 'merged',
                merged_into_id = o_cart_id,
                version = version + 1,
                closed_at = clock_timestamp(),
                updated_at = clock_timestamp()
            WHERE id = v_guest_id;
        END IF;
        SET CONSTRAINTS ALL IMMEDIATE;
    EXCEPTION WHEN OTHERS THEN
        ROLLBACK;
        RAISE;
    END;
    COMMIT;
END;
$procedure$;
