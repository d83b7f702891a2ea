-- What lies in each basket: popular products more often, from the warehouse that is nearest.
CREATE TEMP TABLE seed_lines AS
WITH wanted AS (
    SELECT b.o, i.i, b.u, b.placed,
           1 + floor(g.products * power(made.chance(b.o * 8 + i.i, 50), 3))::bigint AS rank,
           1 + floor(g.products * power(made.chance(b.o * 8 + i.i, 49), 3))::bigint AS other
    FROM seed_baskets b
    CROSS JOIN seed_scale g
    CROSS JOIN LATERAL generate_series(
        1, (ARRAY[1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5])[made.pick(b.o, 51, 11)]) AS i (i)
), sold AS (
    -- What had not come into the shop yet gives way to another, at last to something old
    SELECT w.o, w.i, CASE WHEN p.published < w.placed THEN p.n
                          WHEN q.published < w.placed THEN q.n
                          ELSE 1 + p.n % GREATEST(1, g.products / 2) END AS n
    FROM wanted w
    JOIN seed_products p ON p.rank = w.rank
    JOIN seed_products q ON q.rank = w.other
    CROSS JOIN seed_scale g
), chosen AS (
    SELECT s.o, p.variants_before
                + made.pick(s.o * 8 + s.i, 52, p.size_count * p.colour_count) AS v,
           MIN(s.i) AS i
    FROM sold s JOIN seed_products p ON p.n = s.n
    GROUP BY 1, 2
)
SELECT c.o * 8 + c.i AS l, c.o, c.v,
       CASE WHEN made.chance(c.o * 8 + c.i, 53) < 0.15 THEN 2 ELSE 1 END AS quantity,
       v.n, v.price, v.mrp, v.gst_rate
FROM chosen c JOIN seed_variants v ON v.v = c.v;
ANALYZE seed_lines;

-- What the baskets come to, where they go and how they would be paid for.
CREATE TEMP TABLE seed_sums AS
SELECT b.o, b.placed, b.u, b.waiting, t.subtotal, t.items_total, a.a, a.w,
       u.id AS user_id, u.cod_allowed AND a.cod_allowed AND NOT b.waiting
           AND made.chance(b.o, 54) < 0.4 AND t.items_total <= 4800 AS in_cash,
       row_number() OVER (PARTITION BY b.u ORDER BY b.o) AS visit
FROM seed_baskets b
JOIN (
    SELECT o, SUM(quantity * mrp) AS subtotal, SUM(quantity * price) AS items_total
    FROM seed_lines GROUP BY o
) t ON t.o = b.o
JOIN seed_users u ON u.u = b.u
JOIN seed_addresses a
    ON a.a = b.u * 4 + CASE WHEN made.chance(b.o, 55) < 0.8 THEN 0
                            ELSE made.pick(b.o, 56, u.addresses) - 1 END;
ANALYZE seed_sums;

-- Coupons as far as their rules and limits let them; each as old as the shop.
CREATE TEMP TABLE seed_coupons_used AS
WITH tried AS (
    SELECT s.o, s.u, s.visit, s.items_total, c.*
    FROM seed_sums s
    JOIN seed_coupons c ON c.n = CASE
        WHEN made.chance(s.o, 57) > 0.4 THEN 0
        WHEN s.visit = 1 AND made.chance(s.o, 58) < 0.8
            THEN (SELECT n FROM seed_coupons WHERE first_order_only LIMIT 1)
        ELSE made.pick(s.o, 59, (SELECT COUNT(*) FROM seed_coupons)::integer) END
    WHERE s.items_total >= c.min_subtotal AND (s.visit = 1 OR NOT c.first_order_only)
), eligible AS (
    SELECT t.o, SUM(l.quantity * l.price) AS base
    FROM tried t
    JOIN seed_lines l ON l.o = t.o
    JOIN seed_products p ON p.n = l.n
    JOIN seed_kinds k ON k.k = p.k
    WHERE t.kinds IS NULL OR k.k = ANY (t.kinds)
    GROUP BY t.o
), counted AS (
    SELECT t.*, e.base,
           row_number() OVER (PARTITION BY t.id ORDER BY t.o) AS use,
           row_number() OVER (PARTITION BY t.id, t.u ORDER BY t.o) AS use_by_user
    FROM tried t JOIN eligible e ON e.o = t.o
)
SELECT o, id, code, kind, kinds, base,
       CASE kind WHEN 'percentage' THEN LEAST(round(base * value / 100, 2),
                                              COALESCE(max_discount, base), base)
                 WHEN 'flat' THEN LEAST(value, base) ELSE 0 END::numeric(12, 2) AS discount
FROM counted
WHERE (total_limit IS NULL OR use <= total_limit)
  AND (per_user_limit IS NULL OR use_by_user <= per_user_limit);
ANALYZE seed_coupons_used;

-- The discount over the lines that the coupon is for, by the largest remainder; a tie goes by key.
CREATE TEMP TABLE seed_shares AS
WITH floored AS (
    SELECT l.l, l.o, l.quantity * l.price AS base, c.discount, made.key(s.placed, l.l, 8) AS id,
           trunc(c.discount * (l.quantity * l.price) / c.base, 2) AS floor_share,
           c.discount * (l.quantity * l.price) / c.base
               - trunc(c.discount * (l.quantity * l.price) / c.base, 2) AS remainder
    FROM seed_coupons_used c
    JOIN seed_sums s ON s.o = c.o
    JOIN seed_lines l ON l.o = c.o
    JOIN seed_products p ON p.n = l.n
    WHERE c.discount > 0 AND (c.kinds IS NULL OR p.k = ANY (c.kinds))
), ranked AS (
    SELECT f.*, row_number() OVER (PARTITION BY o ORDER BY remainder DESC, id) AS place,
           (discount - SUM(floor_share) OVER (PARTITION BY o)) * 100 AS paise_left
    FROM floored f
)
SELECT l, base, floor_share + CASE WHEN place <= paise_left THEN 0.01 ELSE 0 END AS share
FROM ranked;
ANALYZE seed_shares;

-- Each line as it was bought, its GST split by where it left from and where it went.
CREATE TEMP TABLE seed_items AS
SELECT l.l, l.o, l.v, l.n, l.quantity, l.price, l.mrp, l.gst_rate, h.s, h.w,
       made.key(s.placed, l.l, 8) AS id, s.placed,
       COALESCE(c.base, 0) AS coupon_base, COALESCE(c.share, 0) AS coupon_share,
       l.quantity * l.price - COALESCE(c.share, 0) AS line_total,
       round((l.quantity * l.price - COALESCE(c.share, 0)) * l.gst_rate / (100 + l.gst_rate), 2)
           AS tax,
       w.state = a.state AS is_local, w.state AS origin_state
FROM seed_lines l
JOIN seed_sums s ON s.o = l.o
JOIN seed_addresses a ON a.a = s.a
JOIN (
    SELECT DISTINCT ON (l.l) l.l, k.s, k.w
    FROM seed_lines l
    JOIN seed_sums s ON s.o = l.o
    JOIN seed_stock k ON k.v = l.v
    ORDER BY l.l, k.w <> s.w, k.w
) h ON h.l = l.l
JOIN seed_warehouses w ON w.w = h.w
LEFT JOIN seed_shares c ON c.l = l.l;
ALTER TABLE seed_items ADD PRIMARY KEY (l);
ANALYZE seed_items;
