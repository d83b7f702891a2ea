-- line_taxes_add_up: a line is its taxable value plus its GST, and the order tells the sum of that GST.
-- Operator: issue no invoice for the order; recompute the split from rate and place of supply.
SELECT 'line_taxes_add_up' AS invariant,
       'orders' AS "table",
       id,
       format('GST %s told by %s, %s in its lines', tax_included, number, lines_tax) AS detail
FROM priced_orders
WHERE frozen_at IS NOT NULL AND (tax_included <> lines_tax OR NOT each_taxed OR both_kinds)
