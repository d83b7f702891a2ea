-- line_taxes_add_up: a line is its taxable value plus its GST, and the order tells the sum of that GST.
-- Operator: issue no invoice for the order; recompute the split from rate and place of supply.
SELECT 'line_taxes_add_up' AS invariant,
       'orders' AS "table",
       o.id,
       format('GST %s told by %s, %s in its lines', o.tax_included, o.number, l.tax) AS detail
FROM orders o
JOIN (
    SELECT order_id,
           SUM(cgst + sgst + igst) AS tax,
           bool_and(line_total = taxable_value + cgst + sgst + igst) AS each_line,
           bool_or(igst > 0 AND cgst + sgst > 0) AS both_kinds
    FROM order_items
    GROUP BY order_id
) l ON l.order_id = o.id
WHERE o.frozen_at IS NOT NULL AND (o.tax_included <> l.tax OR NOT l.each_line OR l.both_kinds)
