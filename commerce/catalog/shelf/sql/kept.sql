-- Counts kept ready: of the whole shelf, and of the one category, brand or gender that is wanted.
WITH scopes AS MATERIALIZED (
    SELECT -1 AS g, 0::bigint AS scope
    UNION ALL
    SELECT 0, t.id FROM shelf_terms t
    WHERE t.facet = %(scope_facet)s::text AND t.other = '' AND t.value = CASE %(scope_facet)s::text
        WHEN 'within' THEN (
            SELECT c.id::text FROM categories c
            WHERE c.slug IN (%(scope_value)s::text, lower(%(scope_value)s::text))
              AND c.is_active AND NOT c.is_deleted
            ORDER BY c.slug = %(scope_value)s::text DESC LIMIT 1)
        WHEN 'brand' THEN (
            SELECT b.id::text FROM brands b
            WHERE b.slug IN (%(scope_value)s::text, lower(%(scope_value)s::text))
            ORDER BY b.slug = %(scope_value)s::text DESC LIMIT 1)
        ELSE %(scope_value)s::text END
)
SELECT 'state' AS kind, '' AS name, '' AS value, chunks AS number, '' AS label FROM shelf_state
UNION ALL
SELECT 'group', '0', '', scope, '' FROM scopes WHERE g = 0
UNION ALL
SELECT 'scope', s.g::text, '', n.count, '' FROM scopes s JOIN shelf_scopes n USING (scope)
UNION ALL
SELECT v.kind, s.g::text, '', 0, v.price::text
FROM scopes s JOIN shelf_scopes n USING (scope),
     LATERAL (VALUES ('low', n.min_price), ('high', n.max_price)) AS v (kind, price)
WHERE v.price IS NOT NULL
UNION ALL
SELECT 'count', t.facet, COALESCE(c.slug, b.slug, t.value), n.count,
       COALESCE(c.name, b.name, t.value)
FROM scopes s
JOIN shelf_counts n ON n.scope = s.scope
JOIN shelf_terms t ON t.id = n.term
LEFT JOIN categories c ON c.id = CASE t.facet WHEN 'category' THEN t.value::uuid END
LEFT JOIN brands b ON b.id = CASE t.facet WHEN 'brand' THEN t.value::uuid END
WHERE n.count > 0
  AND t.facet = ANY(CASE WHEN s.g < 0 THEN %(of_whole)s::text[] ELSE %(of_scope)s::text[] END)
