-- Orders in the order in which they were placed, each with its customer; a few buy very often.
CREATE TEMP TABLE seed_baskets AS
WITH placed AS (
    SELECT o, starts + (o - before - made.chance(o, 30)) / (upto - before) * interval '1 hour'
               AS placed
    FROM seed_hours, generate_series(before + 1, upto) o
    UNION ALL
    SELECT o, g.now - interval '20 minutes'
                  + (o - g.orders + g.waiting)::float8 / (g.waiting + 1) * interval '18 minutes'
    FROM seed_scale g, generate_series(g.orders - g.waiting + 1, g.orders) o
)
SELECT p.o, p.placed,
       1 + floor(g.customers * power(made.chance(p.o, 31), 2))::bigint AS u,
       p.o > g.orders - g.waiting AS waiting
FROM placed p, seed_scale g;
ANALYZE seed_baskets;

-- Customers, who joined before they first ordered.
CREATE TEMP TABLE seed_users AS
SELECT u.u, u.joined, made.key(u.joined, u.u, 5) AS id, n.name,
       '+' || (919000000000 + u.u * 37) AS phone,
       made.chance(u.u, 33) > 0.03 AS cod_allowed,
       (ARRAY[1, 1, 1, 2, 3])[made.pick(u.u, 34, 5)] AS addresses
FROM (
    SELECT n AS u, COALESCE(b.first, g.now - interval '1 day')
                   - CASE WHEN made.chance(n, 32) < 0.5 THEN made.hours(n, 35, 0.2, 48)
                          ELSE made.hours(n, 35, 48, 4000) END AS joined
    FROM seed_scale g
    CROSS JOIN generate_series(1, g.customers) n
    LEFT JOIN (SELECT u, MIN(placed) AS first FROM seed_baskets GROUP BY u) b ON b.u = n
) u
JOIN seed_names n ON n.n = made.pick(u.u, 36, (SELECT COUNT(*) FROM seed_names)::integer);
ALTER TABLE seed_users ADD PRIMARY KEY (u);
ANALYZE seed_users;

INSERT INTO users (
    id, created_at, updated_at, phone, name, email, password, status, cod_allowed
)
SELECT id, joined, joined, phone, name,
       CASE WHEN made.chance(u, 37) < 0.8
            THEN lower(replace(name, ' ', '.')) || u || '@example.com' ELSE '' END,
       '!' || md5(u::text), 'active', cod_allowed
FROM seed_users ORDER BY u;

CREATE TEMP TABLE seed_addresses AS
SELECT u.u * 4 + a.a AS a, made.key(u.joined, u.u * 4 + a.a, 6) AS id, u.u, u.joined,
       u.name, u.phone, w.line1[made.pick(u.u * 4 + a.a, 38, cardinality(w.line1))] AS house,
       made.pick(u.u * 4 + a.a, 39, 499) AS door,
       w.buildings[made.pick(u.u * 4 + a.a, 40, cardinality(w.buildings))] AS building,
       w.streets[made.pick(u.u * 4 + a.a, 41, cardinality(w.streets))] AS street,
       p.city, p.state, p.pincode, p.cod_allowed, p.w,
       (ARRAY['home', 'work', 'other'])[a.a + 1] AS kind
FROM seed_users u
CROSS JOIN LATERAL generate_series(0, u.addresses - 1) AS a (a)
CROSS JOIN seed_address_words w
JOIN seed_places p
    ON p.p = made.pick(u.u * 4 + a.a, 42, (SELECT COUNT(*) FROM seed_places)::integer);
ALTER TABLE seed_addresses ADD PRIMARY KEY (a);
ANALYZE seed_addresses;

INSERT INTO addresses (
    id, created_at, updated_at, user_id, name, phone, line1, line2, city, state, pincode, kind
)
SELECT a.id, a.joined, a.joined, u.id, a.name, a.phone,
       a.house || ' ' || a.door || ', ' || a.building, a.street, a.city, a.state, a.pincode, a.kind
FROM seed_addresses a JOIN seed_users u ON u.u = a.u ORDER BY a.a;

INSERT INTO wishlists (id, created_at, updated_at, user_id, product_id)
SELECT made.key(l.joined, l.u * 1000000000 + l.n, 7), l.joined, l.joined, l.id, p.id
FROM (
    SELECT DISTINCT u.u, u.id, u.joined,
           1 + floor(g.products * power(made.chance(u.u * 8 + i, 43), 3))::bigint AS n
    FROM seed_users u
    CROSS JOIN seed_scale g
    CROSS JOIN LATERAL generate_series(1, (ARRAY[0, 0, 1, 2, 5])[made.pick(u.u, 44, 5)]) i
) l
JOIN seed_products p ON p.rank = l.n;
