-- Carts that are still open, of guests and of customers, and the goods held for some of them.
CREATE TEMP TABLE seed_open_carts AS
SELECT u.u AS c, u.id AS user_id, NULL AS token_hash,
       g.now - made.hours(u.u, 100, 0.1, 120) AS at,
       u.u % 5 = 1 AS holds, a.id AS address_id
FROM seed_users u
JOIN seed_addresses a ON a.a = u.u * 4
CROSS JOIN seed_scale g
WHERE u.u <= 3 OR made.chance(u.u, 101) < 0.06
UNION ALL
SELECT -n, NULL, encode(sha256(int8send(made.draw(n, 102))), 'hex'),
       g.now - made.hours(n, 103, 0.1, 600), FALSE, NULL
FROM seed_scale g, generate_series(1, GREATEST(3, g.orders / 100)) n;
ANALYZE seed_open_carts;

CREATE TEMP TABLE seed_cart_lines AS
SELECT l.c, l.v, MIN(l.i) AS i, k.s, k.w
FROM (
    SELECT c.c, i.i, p.variants_before
               + made.pick(c.c * 8 + i.i, 105, p.size_count * p.colour_count) AS v
    FROM seed_open_carts c
    CROSS JOIN seed_scale g
    CROSS JOIN LATERAL generate_series(1, made.pick(c.c, 106, 3)) AS i (i)
    JOIN seed_products p
        ON p.rank = 1 + floor(g.products * power(made.chance(c.c * 8 + i.i, 104), 3))::bigint
) l
JOIN (SELECT DISTINCT ON (v) v, s, w FROM seed_stock ORDER BY v, w) k ON k.v = l.v
GROUP BY l.c, l.v, k.s, k.w;
ANALYZE seed_cart_lines;

INSERT INTO carts (
    id, created_at, updated_at, version, user_id, token_hash, status, address_id, payment_method,
    validated_version, validated_at, last_active_at
)
SELECT made.key(c.at, c.c, 40), c.at, c.at, 3, c.user_id, c.token_hash, 'open',
       CASE WHEN c.holds THEN c.address_id END, 'online', CASE WHEN c.holds THEN 3 END,
       CASE WHEN c.holds THEN c.at END, c.at
FROM seed_open_carts c;

INSERT INTO cart_items (
    id, created_at, updated_at, cart_id, variant_id, quantity, seen_price, added_at
)
SELECT made.key(c.at, l.c * 8 + l.i, 41), c.at, c.at, made.key(c.at, c.c, 40), v.id, 1,
       v.price, c.at
FROM seed_cart_lines l
JOIN seed_open_carts c ON c.c = l.c
JOIN seed_variants v ON v.v = l.v;

-- They last two days, so that the books stay right where no job runs to end them.
INSERT INTO stock_reservations (
    id, created_at, updated_at, variant_id, warehouse_id, cart_id, quantity, status, cart_version,
    first_held_at, expires_at, created_by_id
)
SELECT made.key(c.at, l.c * 8 + l.i, 42), c.at, c.at, v.id, w.id,
       made.key(c.at, c.c, 40), 1, 'active', 3, c.at, g.now + interval '2 days', c.user_id
FROM seed_cart_lines l
JOIN seed_open_carts c ON c.c = l.c
JOIN seed_variants v ON v.v = l.v
JOIN seed_warehouses w ON w.w = l.w
CROSS JOIN seed_scale g
WHERE c.holds;
