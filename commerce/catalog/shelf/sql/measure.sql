-- Counts over the bitmaps of the first chunks, and counts kept ready (see measuring.py).
-- A mask is a choice among the groups; a product passes it when it passes all of them.
-- What is asked stands in a row of its own: so the planner takes any question for any other, and
-- goes on with the plan that it has.
WITH RECURSIVE state AS (SELECT chunks, width FROM shelf_state),
given AS MATERIALIZED (
    SELECT * FROM jsonb_to_record(%(plan)s::jsonb) AS g (
        groups integer[], facets text[], texts text[], others text[],
        cased_groups integer[], cased_facets text[], cased_texts text[], cased_others text[],
        named_groups integer[], named_facets text[], slugs text[],
        bound_groups integer[], bound_facets text[], bounds integer[],
        scope_masks integer[], scope_groups integer[],
        masks integer[], mask_groups integer[], mask_sizes integer[],
        masked integer[], single integer[],
        count_names text[], count_families text[], count_masks integer[],
        pair_names text[], pair_families text[], pair_masks integer[],
        pair_bys text[], pair_partners text[],
        price_mask integer, price_group integer, low bigint, high bigint)
),
wanted AS MATERIALIZED (
    SELECT w.g, t.id
    FROM given q, unnest(q.groups, q.facets, q.texts, q.others)
        AS w (g, facet, value, other)
    JOIN shelf_terms t ON t.facet = w.facet AND t.value = w.value AND t.other = w.other
    UNION
    -- Sizes and colours are found in capitals or not; their terms are few.
    SELECT w.g, t.id
    FROM given q, unnest(q.cased_groups, q.cased_facets, q.cased_texts, q.cased_others)
        AS w (g, facet, value, other)
    JOIN shelf_terms t ON t.facet = w.facet
        AND lower(t.value) = lower(w.value) AND lower(t.other) = lower(w.other)
    UNION ALL
    SELECT n.g, t.id
    FROM given q, unnest(q.named_groups, q.named_facets, q.slugs)
        AS n (g, facet, slug)
    CROSS JOIN LATERAL (
        (SELECT c.id FROM categories c
         WHERE n.facet = 'within' AND c.slug IN (n.slug, lower(n.slug))
           AND c.is_active AND NOT c.is_deleted
         ORDER BY c.slug = n.slug DESC LIMIT 1)
        UNION ALL
        (SELECT b.id FROM brands b
         WHERE n.facet = 'brand' AND b.slug IN (n.slug, lower(n.slug))
         ORDER BY b.slug = n.slug DESC LIMIT 1)
    ) k
    JOIN shelf_terms t ON t.facet = n.facet AND t.value = k.id::text
    UNION ALL
    SELECT n.g, t.id
    FROM given q, unnest(q.bound_groups, q.bound_facets, q.bounds)
        AS n (g, facet, bound)
    JOIN shelf_terms t ON t.facet = n.facet
    WHERE CASE n.facet WHEN 'age_min' THEN t.value::integer <= n.bound
                       WHEN 'age_max' THEN t.value::integer >= n.bound END
),
slices AS MATERIALIZED (  -- those that some product has, the highest first
    SELECT id, value::integer AS k, row_number() OVER (ORDER BY value::integer DESC) AS n
    FROM shelf_terms WHERE facet = 'price'
),
scoped AS MATERIALIZED (
    SELECT s.mask, CASE WHEN s.g < 0 THEN 0 ELSE w.id END AS scope
    FROM given q, unnest(q.scope_masks, q.scope_groups) AS s (mask, g)
    LEFT JOIN wanted w ON w.g = s.g
),
-- The products that cost `low` or more, and `high` or more (O'Neil and Quass, bit slices).
ranges (chunk, k, every, low, high) AS (
    SELECT b.chunk, 0, b.bits, b.bits, b.bits
    FROM shelf_terms t JOIN shelf_bits b ON b.term = t.id
    WHERE t.facet = 'every' AND b.chunk < {sampled}
      AND (SELECT price_group FROM given) IS NOT NULL
    UNION ALL
    SELECT r.chunk, r.k + 1, r.every,
           CASE q.low >> r.k & 1 WHEN 1 THEN COALESCE(s.bits & r.low, r.low & ~r.low)
                                 ELSE COALESCE(s.bits | r.low, r.low) END,
           CASE q.high >> r.k & 1 WHEN 1 THEN COALESCE(s.bits & r.high, r.high & ~r.high)
                                  ELSE COALESCE(s.bits | r.high, r.high) END
    FROM ranges r CROSS JOIN given q
    LEFT JOIN LATERAL (
        SELECT b.bits FROM slices l JOIN shelf_bits b ON b.term = l.id
        WHERE l.k = r.k AND b.chunk = r.chunk
    ) s ON TRUE
    WHERE r.k < {price_bits}
),
passing AS MATERIALIZED (
    SELECT w.g, b.chunk, bit_or(b.bits) AS bits
    FROM wanted w JOIN shelf_bits b ON b.term = w.id
    WHERE b.chunk < {sampled} AND w.g = ANY((SELECT masked FROM given)::integer[])
    GROUP BY w.g, b.chunk
    UNION ALL
    SELECT q.price_group, r.chunk,
           r.low & CASE WHEN q.high >> {price_bits} = 0 THEN ~r.high ELSE r.every END
    FROM ranges r CROSS JOIN given q WHERE r.k = {price_bits}
),
masks AS MATERIALIZED (
    SELECT m.mask, p.chunk, bit_and(p.bits) AS bits
    FROM given q, unnest(q.masks, q.mask_groups, q.mask_sizes)
        AS m (mask, g, size)
    JOIN passing p ON p.g = m.g
    GROUP BY m.mask, p.chunk, m.size
    HAVING count(*) = m.size AND bit_count(bit_and(p.bits)) > 0
),
counted AS MATERIALIZED (
    SELECT c.*
    FROM given q, unnest(q.count_names, q.count_families, q.count_masks)
        AS c (name, family, mask)
),
-- Of what nothing in the narrowest scope of a mask has, nothing that passes has any either.
narrow AS MATERIALIZED (
    SELECT DISTINCT ON (o.mask) o.mask, o.scope
    FROM (
        SELECT m.mask, w.id AS scope
        FROM given q, unnest(q.masks, q.mask_groups) AS m (mask, g)
        JOIN wanted w ON w.g = m.g AND w.g = ANY((SELECT single FROM given)::integer[])
        UNION ALL
        SELECT DISTINCT m.mask, 0 FROM given q, unnest(q.masks) AS m (mask)
    ) o JOIN shelf_scopes n USING (scope)
    ORDER BY o.mask, n.count
),
sought AS MATERIALIZED (
    SELECT c.name, c.mask, t.id, t.value
    FROM counted c JOIN narrow o ON o.mask = c.mask
    CROSS JOIN LATERAL (
        SELECT t.id, t.value FROM shelf_terms t WHERE t.facet = c.family OFFSET 0
    ) t
    WHERE (SELECT n.count FROM shelf_counts n WHERE n.scope = o.scope AND n.term = t.id) > 0
),
found AS MATERIALIZED (
    SELECT s.name, s.value, (
        SELECT sum(bit_count(b.bits & m.bits))
        FROM shelf_bits b JOIN masks m ON m.chunk = b.chunk
        WHERE b.term = s.id AND b.chunk < {sampled} AND m.mask = s.mask
    )::bigint AS count
    FROM sought s
    UNION ALL
    SELECT x.name, x.value, sum(bit_count(x.bits & m.bits))::bigint
    FROM (
        SELECT c.name, c.mask, b.chunk, bit_or(b.bits) AS bits,
               CASE c.by WHEN 'other' THEN t.other ELSE t.value END AS value
        FROM given q, unnest(q.pair_names, q.pair_families, q.pair_masks, q.pair_bys,
                             q.pair_partners)
            AS c (name, family, mask, by, partner)
        JOIN shelf_terms t ON t.facet = c.family
            AND lower(CASE c.by WHEN 'other' THEN t.value ELSE t.other END) = lower(c.partner)
        JOIN shelf_bits b ON b.term = t.id AND b.chunk < {sampled}
        GROUP BY c.name, c.mask, b.chunk, 5
    ) x JOIN masks m ON m.mask = x.mask AND m.chunk = x.chunk
    GROUP BY x.name, x.value
    UNION ALL
    SELECT c.name, t.value, n.count
    FROM counted c JOIN scoped s ON s.mask = c.mask
    JOIN shelf_counts n ON n.scope = s.scope
    JOIN shelf_terms t ON t.id = n.term AND t.facet = c.family
),
-- The cheapest and the dearest, slice by slice: a bit is one when no product with a zero is left.
edges (chunk, n, lows, highs, low, high) AS (
    SELECT m.chunk, 0, m.bits, m.bits, 0, 0
    FROM masks m WHERE m.mask = (SELECT price_mask FROM given)
    UNION ALL
    SELECT e.chunk, e.n + 1,
           CASE WHEN s.down THEN s.without ELSE e.lows END,
           CASE WHEN s.up THEN s.among ELSE e.highs END,
           e.low | CASE WHEN s.down THEN 0 ELSE 1 << s.k END,
           e.high | CASE WHEN s.up THEN 1 << s.k ELSE 0 END
    FROM edges e
    CROSS JOIN LATERAL (
        SELECT i.k, i.without, i.among,
               bit_count(i.without) > 0 AS down, bit_count(i.among) > 0 AS up
        FROM (
            SELECT l.k, COALESCE(e.lows & ~b.bits, e.lows) AS without,
                   e.highs & b.bits AS among
            FROM slices l LEFT JOIN shelf_bits b ON b.term = l.id AND b.chunk = e.chunk
            WHERE l.n = e.n + 1
            OFFSET 0
        ) i
        OFFSET 0
    ) s
)
SELECT 'state' AS kind, '' AS name, '' AS value, chunks AS number, '' AS label FROM state
UNION ALL
SELECT 'group', g::text, '', id, '' FROM wanted
UNION ALL
SELECT 'sampled', mask::text, '', sum(bit_count(bits))::bigint, '' FROM masks GROUP BY mask
UNION ALL
SELECT 'exact', s.mask::text, '', n.count, '' FROM scoped s JOIN shelf_scopes n USING (scope)
UNION ALL
SELECT 'count', f.name, COALESCE(c.slug, b.slug, f.value), f.count,
       COALESCE(c.name, b.name, f.value)
FROM found f
LEFT JOIN categories c ON c.id = CASE f.name WHEN 'category' THEN f.value::uuid END
LEFT JOIN brands b ON b.id = CASE f.name WHEN 'brand' THEN f.value::uuid END
WHERE f.count > 0
UNION ALL
SELECT 'code', v.name, '', v.code, ''
FROM (SELECT min(low) AS low, max(high) AS high FROM edges WHERE n = (SELECT count(*) FROM slices)) e,
     LATERAL (VALUES ('min', e.low), ('max', e.high)) AS v (name, code)
WHERE v.code IS NOT NULL
UNION ALL
SELECT 'price', v.name, '', 0, v.price::text
FROM scoped s JOIN shelf_scopes n USING (scope),
     LATERAL (VALUES ('min', n.min_price), ('max', n.max_price)) AS v (name, price)
WHERE s.mask = (SELECT price_mask FROM given) AND v.price IS NOT NULL
UNION ALL
SELECT v.kind, v.g::text, '', 0, v.price::text
FROM (
    SELECT w.g, min(n.min_price) AS low, max(n.max_price) AS high
    FROM wanted w JOIN shelf_scopes n ON n.scope = w.id GROUP BY w.g
) s, LATERAL (VALUES ('low', s.g, s.low), ('high', s.g, s.high)) AS v (kind, g, price)
WHERE v.price IS NOT NULL
