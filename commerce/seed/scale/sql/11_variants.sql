-- Variants numbered through all products, so that one of a product's is found by counting.
CREATE TEMP TABLE seed_variants AS
SELECT p.variants_before + c.c * p.size_count + s.s + 1 AS v,
       p.n, c.c * p.size_count + s.s AS position,
       made.key(p.published, p.variants_before + c.c * p.size_count + s.s + 1, 3) AS id,
       k.sizes[p.first_size + s.s] AS size,
       k.colours[1 + (p.first_colour + c.c) % cardinality(k.colours)] AS colour,
       'KS' || lpad(p.n::text, GREATEST(4, length(p.n::text)), '0') || '-'
           || k.colour_codes[1 + (p.first_colour + c.c) % cardinality(k.colours)] || '-'
           || k.size_codes[p.first_size + s.s] AS sku,
       p.price + 50 * (s.s > 1)::integer AS price,
       GREATEST(made.shop_price((p.price + 50 * (s.s > 1)::integer) * 100.0
                                   / (100 - p.discount)),
                p.price + 50 * (s.s > 1)::integer) AS mrp,
       p.gst_rate, p.appeal, p.published
FROM seed_products p
JOIN seed_kinds k ON k.k = p.k
CROSS JOIN LATERAL generate_series(0, p.colour_count - 1) AS c (c)
CROSS JOIN LATERAL generate_series(0, p.size_count - 1) AS s (s);
ANALYZE seed_variants;

INSERT INTO variants (
    id, created_at, updated_at, product_id, sku, size, colour, price, mrp, status, position
)
SELECT v.id, v.published, v.published, p.id, v.sku, v.size, v.colour, v.price, v.mrp,
       CASE WHEN made.chance(v.v, 20) < 0.98 THEN 'active' ELSE 'inactive' END, v.position
FROM seed_variants v JOIN seed_products p ON p.n = v.n;

-- Where a variant lies: at home in one warehouse, and sometimes in the others too.
CREATE TEMP TABLE seed_stock AS
SELECT row_number() OVER (ORDER BY v.v, w.w) AS s, v.v, w.w,
       made.key(g.opening - interval '2 days', v.v * 8 + w.w, 4) AS id,
       v.appeal,
       CASE WHEN made.chance(v.n, 22) < 0.03 OR made.chance(v.v, 23) < 0.04 THEN 0
            ELSE made.pick(v.v * 8 + w.w, 24, 6) + LEAST(v.appeal, 60)::integer END AS spare
FROM seed_variants v
CROSS JOIN seed_scale g
JOIN seed_warehouses w
    ON w.w = made.pick(v.v, 21, g.warehouses) OR made.chance(v.v * 8 + w.w, 25) < 0.2;
ANALYZE seed_stock;
