"""The shared arithmetic of carts and orders: `priced_lines` → `line_shares` → `quotes`.

All three are keyed by `(kind, owner_id)`: `cart` prices follow the catalogue, `order` prices are
the ones that were agreed. Every window partitions by that key, so a look-up of one owner stays on
its index. Shares are by largest remainder, to the paisa.
"""

from __future__ import annotations

from django.db import migrations

PRICED_LINES = """
CREATE VIEW priced_lines AS
SELECT 'cart'::text AS kind,
       ci.cart_id AS owner_id,
       ci.id AS line_id,
       ci.variant_id,
       ci.quantity,
       v.mrp AS unit_mrp,
       v.price AS unit_price,
       p.gst_rate,
       p.hsn_code,
       (v.status = 'active' AND NOT v.is_deleted AND p.status = 'active' AND NOT p.is_deleted)
           AS sellable,
       c.coupon_id,
       (c.coupon_id IS NOT NULL AND (
           NOT EXISTS (
               SELECT FROM coupon_scopes s WHERE s.coupon_id = c.coupon_id AND NOT s.is_deleted
           )
           OR EXISTS (
               SELECT
               FROM coupon_scopes s
               LEFT JOIN categories sc ON sc.id = s.category_id
               LEFT JOIN categories pc ON pc.id = p.category_id
               WHERE s.coupon_id = c.coupon_id
                 AND NOT s.is_deleted
                 AND (s.product_id = p.id
                      OR s.brand_id = p.brand_id
                      OR starts_with(pc.path, sc.path))
           )
       )) AS eligible,
       NULL::numeric AS agreed_base
FROM cart_items ci
JOIN carts c ON c.id = ci.cart_id
JOIN variants v ON v.id = ci.variant_id
JOIN products p ON p.id = v.product_id
WHERE NOT ci.is_deleted
UNION ALL
SELECT 'order'::text,
       oi.order_id,
       oi.id,
       oi.variant_id,
       oi.quantity,
       oi.unit_mrp,
       oi.unit_price,
       oi.gst_rate,
       oi.hsn_code,
       TRUE,
       o.coupon_id,
       oi.coupon_base > 0,
       oi.coupon_base
FROM order_items oi
JOIN orders o ON o.id = oi.order_id
"""

LINE_SHARES = """
CREATE VIEW line_shares AS
WITH lines AS NOT MATERIALIZED (
    SELECT pl.*,
           pl.quantity * pl.unit_mrp AS line_mrp,
           pl.quantity * pl.unit_price AS line_price,
           SUM(pl.quantity * pl.unit_price) OVER owner AS items_total,
           SUM(pl.quantity) FILTER (WHERE pl.eligible) OVER owner AS eligible_units,
           COALESCE(SUM(pl.quantity) FILTER (WHERE pl.eligible) OVER (
               PARTITION BY pl.kind, pl.owner_id
               ORDER BY pl.unit_price, pl.line_id
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
           ), 0) AS cheaper_units
    FROM priced_lines pl
    WINDOW owner AS (PARTITION BY pl.kind, pl.owner_id)
),
weighted AS NOT MATERIALIZED (
    SELECT l.*,
           c.kind AS coupon_kind,
           c.value AS coupon_value,
           c.max_discount,
           CASE
               WHEN l.kind = 'order' THEN l.coupon_id IS NOT NULL
               ELSE c.status = 'active'
                    AND NOT c.is_deleted
                    AND c.starts_at <= now()
                    AND (c.ends_at IS NULL OR c.ends_at > now())
                    AND l.items_total >= c.min_subtotal
                    AND l.eligible_units > 0
           END AS coupon_holds,
           CASE
               WHEN l.kind = 'order' THEN l.agreed_base
               WHEN NOT l.eligible OR c.kind = 'free_shipping' THEN 0
               WHEN c.kind = 'buy_x_get_y' THEN l.unit_price * LEAST(
                   l.quantity,
                   GREATEST(
                       l.eligible_units / (c.buy_quantity + c.get_quantity) * c.get_quantity
                       - l.cheaper_units,
                       0
                   )
               )
               ELSE l.line_price
           END AS coupon_base
    FROM (SELECT * FROM lines) l
    LEFT JOIN coupons c ON c.id = l.coupon_id
),
discounted AS NOT MATERIALIZED (
    SELECT w.*,
           SUM(w.coupon_base) OVER owner AS base_total,
           CASE
               WHEN w.kind = 'order' THEN (SELECT o.coupon_discount FROM orders o WHERE o.id = w.owner_id)
               WHEN w.coupon_holds IS NOT TRUE THEN 0
               ELSE LEAST(
                   SUM(w.coupon_base) OVER owner,
                   COALESCE(w.max_discount, SUM(w.coupon_base) OVER owner),
                   CASE w.coupon_kind
                       WHEN 'percentage'
                           THEN round(SUM(w.coupon_base) OVER owner * w.coupon_value / 100, 2)
                       WHEN 'flat' THEN w.coupon_value
                       ELSE SUM(w.coupon_base) OVER owner
                   END
               )
           END AS coupon_discount
    FROM weighted w
    WINDOW owner AS (PARTITION BY w.kind, w.owner_id)
),
floored AS NOT MATERIALIZED (
    SELECT d.*,
           CASE WHEN d.base_total > 0
                THEN trunc(d.coupon_discount * d.coupon_base / d.base_total, 2)
                ELSE 0 END AS floor_share,
           CASE WHEN d.base_total > 0
                THEN d.coupon_discount * d.coupon_base / d.base_total
                     - trunc(d.coupon_discount * d.coupon_base / d.base_total, 2)
                ELSE 0 END AS remainder
    FROM discounted d
),
ranked AS NOT MATERIALIZED (
    SELECT f.*,
           row_number() OVER (
               PARTITION BY f.kind, f.owner_id ORDER BY f.remainder DESC, f.line_id
           ) AS remainder_rank,
           (f.coupon_discount - SUM(f.floor_share) OVER (PARTITION BY f.kind, f.owner_id)) * 100
               AS paise_left
    FROM floored f
),
shared AS NOT MATERIALIZED (
    SELECT r.*,
           (r.floor_share + CASE WHEN r.remainder_rank <= r.paise_left THEN 0.01 ELSE 0 END)
               ::numeric(12, 2) AS coupon_share
    FROM ranked r
)
SELECT s.kind,
       s.owner_id,
       s.line_id,
       s.variant_id,
       s.quantity,
       s.unit_mrp,
       s.unit_price,
       s.gst_rate,
       s.hsn_code,
       s.sellable,
       s.coupon_id,
       COALESCE(s.coupon_holds, FALSE) AS coupon_holds,
       CASE WHEN s.coupon_holds THEN s.coupon_base ELSE 0 END::numeric(12, 2) AS coupon_base,
       s.line_mrp,
       s.line_price,
       s.coupon_share,
       s.line_price - s.coupon_share AS line_total,
       round((s.line_price - s.coupon_share) * s.gst_rate / (100 + s.gst_rate), 2) AS tax
FROM shared s
"""

QUOTES = """
CREATE VIEW quotes AS
SELECT h.kind,
       h.owner_id,
       COALESCE(t.units, 0) AS units,
       COALESCE(t.subtotal, 0)::numeric(12, 2) AS subtotal,
       COALESCE(t.subtotal - t.items_total, 0)::numeric(12, 2) AS discount,
       COALESCE(t.items_total, 0)::numeric(12, 2) AS items_total,
       h.coupon_id,
       cp.code AS coupon_code,
       COALESCE(t.coupon_holds, FALSE) AS coupon_holds,
       COALESCE(t.coupon_discount, 0)::numeric(12, 2) AS coupon_discount,
       f.shipping::numeric(12, 2) AS shipping,
       f.cod_fee::numeric(12, 2) AS cod_fee,
       COALESCE(t.tax_included, 0)::numeric(12, 2) AS tax_included,
       (COALESCE(t.items_total - t.coupon_discount, 0) + f.shipping + f.cod_fee)::numeric(12, 2)
           AS total,
       'INR'::text AS currency
FROM (
    SELECT 'cart'::text AS kind, c.id AS owner_id, c.coupon_id, c.payment_method,
           NULL::numeric AS agreed_shipping, NULL::numeric AS agreed_cod_fee
    FROM carts c
    UNION ALL
    SELECT 'order'::text, o.id, o.coupon_id, o.payment_method, o.shipping_fee, o.cod_fee
    FROM orders o
) h
LEFT JOIN (
    SELECT ls.kind,
           ls.owner_id,
           SUM(ls.quantity) AS units,
           SUM(ls.line_mrp) AS subtotal,
           SUM(ls.line_price) AS items_total,
           SUM(ls.coupon_share) AS coupon_discount,
           SUM(ls.tax) AS tax_included,
           bool_or(ls.coupon_holds) AS coupon_holds
    FROM line_shares ls
    GROUP BY ls.kind, ls.owner_id
) t ON t.kind = h.kind AND t.owner_id = h.owner_id
LEFT JOIN coupons cp ON cp.id = h.coupon_id
LEFT JOIN LATERAL (
    SELECT r.shipping_fee, r.cod_fee
    FROM shipping_rules r
    WHERE h.kind = 'cart'
      AND r.is_active
      AND NOT r.is_deleted
      AND r.min_order_value <= t.items_total - t.coupon_discount
    ORDER BY r.min_order_value DESC
    LIMIT 1
) r ON TRUE
CROSS JOIN LATERAL (
    SELECT CASE
               WHEN h.kind = 'order' THEN h.agreed_shipping
               WHEN t.coupon_holds AND cp.kind = 'free_shipping' THEN 0
               ELSE COALESCE(r.shipping_fee, 0)
           END AS shipping,
           CASE
               WHEN h.kind = 'order' THEN h.agreed_cod_fee
               WHEN h.payment_method = 'cod' THEN COALESCE(r.cod_fee, 0)
               ELSE 0
           END AS cod_fee
) f
"""


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0002_transitions"),
        ("cart", "0002_initial"),
        ("coupons", "0002_initial"),
        ("shipping", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(PRICED_LINES, "DROP VIEW priced_lines"),
        migrations.RunSQL(LINE_SHARES, "DROP VIEW line_shares"),
        migrations.RunSQL(QUOTES, "DROP VIEW quotes"),
    ]
