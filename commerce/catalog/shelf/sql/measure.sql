-- Counts over the bitmaps of the first chunks, and counts kept ready (see measuring.py).
-- A mask is a choice among the groups; a product passes it when it passes all of them.
WITH RECURSIVE state AS (SELECT chunks, width FROM shelf_state),
wanted AS MATERIALIZED (
    SELECT w.g, t.id
    FROM unnest(%(group)s::integer[], %(facet)s::text[], %(value)s::text[], %(other)s::text[])
        AS w (g, facet, value, other)
    JOIN shelf_terms t ON t.facet = w.facet AND t.value = w.value AND t.other = w.other
    UNION
    -- Sizes and colours are found in capitals or not; their terms are few.
    SELECT w.g, t.id
    FROM unnest(%(cased_group)s::integer[], %(cased_facet)s::text[], %(cased_value)s::text[],
                %(cased_other)s::text[]) AS w (g, facet, value, other)
    JOIN shelf_terms t ON t.facet = w.facet
        AND lower(t.value) = lower(w.value) AND lower(t.other) = lower(w.other)
    UNION ALL
    SELECT n.g, t.id
    FROM unnest(%(named_group)s::integer[], %(named_facet)s::text[], %(slug)s::text[])
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
    FROM unnest(%(bound_group)s::integer[], %(bound_facet)s::text[], %(bound)s::integer[])
        AS n (g, facet, bound)
    JOIN shelf_terms t ON t.facet = n.facet
    WHERE CASE n.facet WHEN 'age_min' THEN t.value::integer <= n.bound
                       WHEN 'age_max' THEN t.value::integer >= n.bound END
),
slices AS MATERIALIZED (SELECT value::integer AS k, id FROM shelf_terms WHERE facet = 'price'),
scoped AS MATERIALIZED (
    SELECT s.mask, CASE WHEN s.g < 0 THEN 0 ELSE w.id END AS scope
    FROM unnest(%(scope_mask)s::integer[], %(scope_group)s::integer[]) AS s (mask, g)
    LEFT JOIN wanted w ON w.g = s.g
),
passing AS MATERIALIZED (
    SELECT w.g, b.chunk, bit_or(b.bits) AS bits
    FROM wanted w JOIN shelf_bits b ON b.term = w.id
    WHERE b.chunk < %(sampled)s AND w.g = ANY(%(masked)s)
    GROUP BY w.g, b.chunk
    {price_group}
),
masks AS MATERIALIZED (
    SELECT m.mask, p.chunk, bit_and(p.bits) AS bits
    FROM unnest(%(mask)s::integer[], %(mask_group)s::integer[], %(mask_size)s::integer[])
        AS m (mask, g, size)
    JOIN passing p ON p.g = m.g
    GROUP BY m.mask, p.chunk, m.size
    HAVING count(*) = m.size AND bit_count(bit_and(p.bits)) > 0
),
counted AS MATERIALIZED (
    SELECT *
    FROM unnest(%(count_name)s::text[], %(count_family)s::text[], %(count_mask)s::integer[])
        AS c (name, family, mask)
),
found AS (
    SELECT c.name, t.value, sum(bit_count(b.bits & m.bits)) AS count
    FROM counted c JOIN masks m ON m.mask = c.mask
    JOIN shelf_terms t ON t.facet = c.family
    JOIN shelf_bits b ON b.term = t.id AND b.chunk = m.chunk
    GROUP BY c.name, t.value
    UNION ALL
    SELECT x.name, x.value, sum(bit_count(x.bits & m.bits))
    FROM (
        SELECT c.name, c.mask, b.chunk, bit_or(b.bits) AS bits,
               CASE c.by WHEN 'other' THEN t.other ELSE t.value END AS value
        FROM unnest(%(pair_name)s::text[], %(pair_family)s::text[], %(pair_mask)s::integer[],
                    %(pair_by)s::text[], %(pair_partner)s::text[])
            AS c (name, family, mask, by, partner)
        JOIN shelf_terms t ON t.facet = c.family
            AND lower(CASE c.by WHEN 'other' THEN t.value ELSE t.other END) = lower(c.partner)
        JOIN shelf_bits b ON b.term = t.id AND b.chunk < %(sampled)s
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
edges (chunk, k, lows, highs, low, high) AS (
    SELECT m.chunk, %(price_bits)s, m.bits, m.bits, 0, 0
    FROM masks m WHERE m.mask = %(price_mask)s
    UNION ALL
    SELECT e.chunk, e.k - 1,
           CASE WHEN bit_count(e.lows & ~s.bits) > 0 THEN e.lows & ~s.bits ELSE e.lows END,
           CASE WHEN bit_count(e.highs & s.bits) > 0 THEN e.highs & s.bits ELSE e.highs END,
           e.low * 2 + COALESCE(bit_count(e.lows & ~s.bits) = 0, FALSE)::integer,
           e.high * 2 + COALESCE(bit_count(e.highs & s.bits) > 0, FALSE)::integer
    FROM edges e
    LEFT JOIN LATERAL (
        SELECT b.bits FROM slices l JOIN shelf_bits b ON b.term = l.id
        WHERE l.k = e.k - 1 AND b.chunk = e.chunk
    ) s ON TRUE
    WHERE e.k > 0
)
SELECT 'state' AS kind, '' AS name, '' AS value, chunks::numeric AS number, '' AS label FROM state
UNION ALL
SELECT 'group', g::text, '', id, '' FROM wanted
UNION ALL
SELECT 'sampled', mask::text, '', sum(bit_count(bits)), '' FROM masks GROUP BY mask
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
FROM (SELECT min(low) AS low, max(high) AS high FROM edges WHERE k = 0) e,
     LATERAL (VALUES ('min', e.low), ('max', e.high)) AS v (name, code)
WHERE v.code IS NOT NULL
UNION ALL
SELECT 'price', v.name, '', v.price, ''
FROM scoped s JOIN shelf_scopes n USING (scope),
     LATERAL (VALUES ('min', n.min_price), ('max', n.max_price)) AS v (name, price)
WHERE s.mask = %(price_mask)s
