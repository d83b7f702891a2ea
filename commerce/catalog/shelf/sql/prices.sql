    UNION ALL
    SELECT %(price_group)s, s.chunk, {condition}
    FROM (
        SELECT b.chunk, {slices}, bit_or(b.bits) FILTER (WHERE t.facet = 'every') AS every
        FROM shelf_terms t JOIN shelf_bits b ON b.term = t.id
        WHERE t.facet IN ('price', 'every') AND b.chunk < %(sampled)s
        GROUP BY b.chunk
    ) s
