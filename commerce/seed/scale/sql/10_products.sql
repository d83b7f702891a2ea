-- Products in the order in which they came into the shop; `rank` 1 sells best.
CREATE TEMP TABLE seed_products AS
WITH numbered AS (
    SELECT n, row_number() OVER (ORDER BY made.draw(n, 1), n) AS rank
    FROM seed_scale g, generate_series(1, g.products) n
), placed AS (
    SELECT r.n, r.rank, g.products,
           power(g.products::float8 / r.rank, 0.9) AS appeal,
           -- twelve in a hundred came in the last month, the others in the year before it
           CASE WHEN r.n <= 0.88 * g.products
                THEN g.now - interval '420 days' + r.n / (0.88 * g.products) * interval '390 days'
                ELSE g.now - interval '30 days' * (g.products + 1 - r.n) / (0.12 * g.products + 1)
           END AS published,
           (SELECT kinds[made.pick(r.n, 2, cardinality(kinds))] FROM seed_kind_picks) AS k
    FROM numbered r, seed_scale g
), shaped AS (
    SELECT p.*,
           LEAST(cardinality(k.sizes), made.pick(p.n, 3, 3)) AS size_count,
           LEAST(cardinality(k.colours), 1 + (made.chance(p.n, 4) < 0.4)::integer)
               AS colour_count,
           made.pick(p.n, 5, cardinality(k.colours)) AS first_colour,
           1 + floor(cardinality(k.brand_ids) * power(made.chance(p.n, 6), 2))::integer
               AS brand,
           made.pick(p.n, 7, cardinality(k.motifs)) AS motif,
           made.shop_price(k.low + (k.high - k.low) * power(made.chance(p.n, 8), 1.7))
               AS price,
           (ARRAY[0, 0, 10, 15, 20, 20, 25, 30, 30, 40, 50])[made.pick(p.n, 9, 11)]
               AS discount
    FROM placed p JOIN seed_kinds k ON k.k = p.k
)
SELECT s.*, made.key(s.published, s.n, 1) AS id,
       made.pick(s.n, 10, cardinality(k.sizes) - s.size_count + 1) AS first_size,
       CASE WHEN s.price > 2500 THEN k.gst_above ELSE k.gst_below END::numeric(4, 2) AS gst_rate,
       concat_ws(' ', CASE WHEN s.products > 1000 THEN w.word END, k.motifs[s.motif], k.name)
           || CASE WHEN made.chance(s.n, 12) < 0.15 THEN ' (' || k.hindi || ')' ELSE '' END
           AS name,
       k.pictures || k.motif_slugs[s.motif] || '-'
           || k.colour_slugs[1 + s.first_colour % cardinality(k.colours)] AS picture,
       concat_ws('-', k.brand_slugs[s.brand], k.motif_slugs[s.motif], k.slug, s.n) AS slug,
       SUM(s.size_count * s.colour_count) OVER (ORDER BY s.n) - s.size_count * s.colour_count
           AS variants_before
FROM shaped s
JOIN seed_kinds k ON k.k = s.k
JOIN seed_words w ON w.n = made.pick(s.n, 11, (SELECT COUNT(*) FROM seed_words)::integer);
ALTER TABLE seed_products ALTER variants_before TYPE bigint;
ANALYZE seed_products;

INSERT INTO products (
    id, created_at, updated_at, slug, name, description, brand_id, category_id, status, gender,
    age_min_months, age_max_months, attributes, hsn_code, gst_rate, rating, rating_count,
    popularity, published_at
)
SELECT p.id, p.published, p.published, p.slug, p.name,
       k.about || ' ' || k.hindi || '. By ' || k.brand_names[p.brand] || '.',
       k.brand_ids[p.brand], k.category_id,
       CASE WHEN made.chance(p.n, 13) < 0.985 THEN 'active' ELSE 'archived' END,
       k.gender, k.ages_from[p.first_size], k.ages_to[p.first_size + p.size_count - 1],
       k.attributes, k.hsn, p.gst_rate,
       CASE WHEN r.count = 0 THEN 0 ELSE LEAST(5.0, GREATEST(2.9, round((4.2 + 0.7 * (
           made.chance(p.n, 14) + made.chance(p.n, 15) + made.chance(p.n, 16) - 1.5
       ))::numeric, 1))) END,
       r.count, LEAST(p.appeal * 100, 2000000000)::integer, p.published
FROM seed_products p
JOIN seed_kinds k ON k.k = p.k
CROSS JOIN LATERAL (
    SELECT LEAST(p.appeal * (0.05 + 0.35 * made.chance(p.n, 17)) * 3, 90000)::integer AS count
) r
ORDER BY p.n;

INSERT INTO product_images (id, created_at, updated_at, product_id, image, alt, position)
SELECT made.key(p.published, p.n * 2 + i.position, 2), p.published, p.published, p.id,
       p.picture || '-' || i.shot || '.svg',
       p.name || CASE i.position WHEN 0 THEN '' ELSE ', detail' END, i.position
FROM seed_products p
JOIN (VALUES (0, 'front', 1.0), (1, 'detail', 0.3)) AS i (position, shot, share)
    ON made.chance(p.n, 18) < i.share
ORDER BY p.n, i.position;
