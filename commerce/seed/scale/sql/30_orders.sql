-- Orders with the carts that they came from, their lines, holds and coupon slots.
CREATE TEMP TABLE seed_states AS
SELECT o.o,
       CASE WHEN o.cancelled_at IS NOT NULL THEN 'cancelled'
            WHEN b.o IS NOT NULL THEN 'returned'
            WHEN o.delivered_at IS NOT NULL THEN 'delivered'
            WHEN o.refused_at IS NOT NULL THEN 'returned_to_origin'
            WHEN o.on_road_at IS NOT NULL THEN 'out_for_delivery'
            WHEN o.shipped_at IS NOT NULL THEN 'shipped'
            WHEN o.packed_at IS NOT NULL THEN 'packed'
            WHEN o.confirmed IS NOT NULL THEN 'confirmed'
            ELSE 'pending_payment' END AS status,
       CASE WHEN k.kept AND f.amount = o.total THEN 'refunded'
            WHEN k.kept AND f.amount IS NOT NULL THEN 'partially_refunded'
            WHEN k.kept THEN 'paid'
            WHEN o.method = 'cod' AND o.cancelled_at IS NULL AND o.refused_at IS NULL THEN 'cod_due'
            ELSE 'unpaid' END AS payment_status,
       2 + num_nonnulls(o.confirmed, o.cancelled_at, o.packed_at, o.shipped_at, o.on_road_at,
                        o.delivered_at, o.refused_at, b.at)
         + (k.kept AND f.amount IS NOT NULL)::integer AS version,
       COALESCE(o.cancelled_at, o.refused_at, b.at) AS closed_at,
       GREATEST(o.placed + interval '40 milliseconds', o.confirmed, o.cancelled_at, o.packed_at,
                o.shipped_at, o.on_road_at, o.delivered_at, o.refused_at, b.at,
                CASE WHEN k.kept THEN f.done END) AS updated_at,
       k.kept, b.at AS returned_at
FROM seed_orders o
LEFT JOIN seed_refunds f ON f.o = o.o
LEFT JOIN seed_all_back b ON b.o = o.o
CROSS JOIN LATERAL (
    SELECT CASE o.method WHEN 'cod' THEN o.delivered_at IS NOT NULL
                         ELSE o.confirmed IS NOT NULL END AS kept
) k;
ALTER TABLE seed_states ADD PRIMARY KEY (o);
ANALYZE seed_states;

INSERT INTO carts (
    id, created_at, updated_at, version, user_id, status, coupon_id, address_id, payment_method,
    validated_version, validated_at, last_active_at, closed_at, created_by_id
)
SELECT o.cart_id, o.placed - interval '20 minutes', o.placed, 3, o.user_id, 'ordered',
       o.coupon_id, a.id, o.method, 3, o.placed - interval '1 minute',
       o.placed - interval '1 minute', o.placed, o.user_id
FROM seed_orders o JOIN seed_addresses a ON a.a = o.a ORDER BY o.o;

INSERT INTO cart_items (
    id, created_at, updated_at, cart_id, variant_id, quantity, seen_price, added_at, created_by_id
)
SELECT made.key(i.placed - interval '10 minutes', i.l, 20), i.placed - interval '10 minutes',
       i.placed - interval '1 minute', o.cart_id, v.id, i.quantity, i.price,
       i.placed - interval '10 minutes', o.user_id
FROM seed_items i JOIN seed_orders o ON o.o = i.o JOIN seed_variants v ON v.v = i.v
ORDER BY i.l;

INSERT INTO orders (
    id, created_at, updated_at, version, number, user_id, cart_id, status, payment_status,
    payment_method, currency, subtotal, discount, coupon_id, coupon_code, coupon_discount,
    shipping_fee, cod_fee, tax_included, total, shipping_address, ship_state, ship_pincode,
    expires_at, frozen_at, placed_at, confirmed_at, shipped_at, delivered_at, closed_at,
    cancel_reason, carrier, tracking_number, created_by_id
)
SELECT o.id, o.placed, s.updated_at, s.version, o.number, o.user_id, o.cart_id, s.status,
       s.payment_status, o.method, 'INR', o.subtotal, o.subtotal - o.items_total, o.coupon_id,
       o.coupon_code, o.coupon_discount, o.shipping_fee, o.cod_fee, t.tax, o.total,
       jsonb_build_object(
           'name', a.name, 'phone', a.phone, 'line1', a.house || ' ' || a.door || ', ' || a.building,
           'line2', a.street, 'city', a.city, 'state', a.state, 'pincode', a.pincode,
           'kind', a.kind),
       a.state, a.pincode,
       -- those that wait for payment do so for two days: the books stay right where no job ends them
       CASE WHEN s.status = 'pending_payment' THEN g.now + interval '2 days'
            WHEN o.confirmed IS NULL THEN o.placed + interval '30 minutes' END,
       o.placed + interval '40 milliseconds', o.placed, o.confirmed, o.shipped_at, o.delivered_at,
       s.closed_at,
       CASE WHEN s.status <> 'cancelled' THEN '' WHEN o.unpaid THEN 'payment_time_over'
            ELSE w.reasons[made.pick(o.o, 90, cardinality(w.reasons))] END,
       CASE WHEN o.shipped_at IS NULL THEN ''
            ELSE w.carriers[made.pick(o.o, 91, cardinality(w.carriers))] END,
       CASE WHEN o.shipped_at IS NULL THEN ''
            ELSE w.prefixes[made.pick(o.o, 91, cardinality(w.carriers))]
                 || 1000000000 + (made.draw(o.o, 92) & 4294967295) END,
       o.user_id
FROM seed_orders o
JOIN seed_states s ON s.o = o.o
JOIN seed_addresses a ON a.a = o.a
JOIN (SELECT o, SUM(tax) AS tax FROM seed_items GROUP BY o) t ON t.o = o.o
CROSS JOIN seed_story w
CROSS JOIN seed_scale g
ORDER BY o.o;

INSERT INTO order_items (
    id, created_at, updated_at, order_id, variant_id, warehouse_id, sku, product_slug, name, size,
    colour, image, hsn_code, gst_rate, origin_state, quantity, unit_mrp, unit_price, coupon_base,
    coupon_share, line_total, taxable_value, cgst, sgst, igst, quantity_sold, quantity_restored,
    quantity_returned, created_by_id
)
SELECT i.id, i.placed, s.updated_at, o.id, v.id, w.id, v.sku, p.slug, p.name, v.size, v.colour,
       p.picture || '-front.svg', k.hsn, i.gst_rate, i.origin_state, i.quantity, i.mrp,
       i.price, i.coupon_base, i.coupon_share, i.line_total, i.line_total - i.tax,
       CASE WHEN i.is_local THEN round(i.tax / 2, 2) ELSE 0 END,
       CASE WHEN i.is_local THEN i.tax - round(i.tax / 2, 2) ELSE 0 END,
       CASE WHEN i.is_local THEN 0 ELSE i.tax END,
       CASE WHEN o.confirmed IS NULL THEN 0 ELSE i.quantity END,
       CASE WHEN o.confirmed IS NOT NULL AND (o.cancelled_at IS NOT NULL
                                              OR o.refused_at IS NOT NULL) THEN i.quantity
            WHEN r.received IS NOT NULL AND r.condition = 'restock' THEN r.quantity ELSE 0 END,
       CASE WHEN r.received IS NOT NULL THEN r.quantity ELSE 0 END, o.user_id
FROM seed_items i
JOIN seed_orders o ON o.o = i.o
JOIN seed_states s ON s.o = i.o
JOIN seed_variants v ON v.v = i.v
JOIN seed_products p ON p.n = i.n
JOIN seed_kinds k ON k.k = p.k
JOIN seed_warehouses w ON w.w = i.w
LEFT JOIN seed_return_items r ON r.l = i.l
ORDER BY i.l;

INSERT INTO stock_reservations (
    id, created_at, updated_at, variant_id, warehouse_id, cart_id, order_id, order_item_id,
    quantity, status, cart_version, first_held_at, expires_at, ended_at, end_reason, created_by_id
)
SELECT made.key(i.placed - interval '1 minute', i.l, 21), i.placed - interval '1 minute',
       COALESCE(e.ended_at, i.placed), v.id, w.id, o.cart_id, o.id, i.id, i.quantity,
       CASE WHEN o.confirmed IS NOT NULL THEN 'consumed'
            WHEN o.cancelled_at IS NOT NULL THEN 'released' ELSE 'active' END,
       3, i.placed - interval '1 minute', i.placed + interval '9 minutes', e.ended_at,
       CASE WHEN o.confirmed IS NOT NULL THEN 'sold'
            WHEN o.cancelled_at IS NOT NULL THEN 'order_cancelled' ELSE '' END, o.user_id
FROM seed_items i
JOIN seed_orders o ON o.o = i.o
JOIN seed_variants v ON v.v = i.v
JOIN seed_warehouses w ON w.w = i.w
CROSS JOIN LATERAL (
    SELECT COALESCE(o.confirmed + interval '50 milliseconds', o.cancelled_at) AS ended_at
) e
ORDER BY i.l;

INSERT INTO coupon_usage (
    id, created_at, updated_at, version, coupon_id, user_id, cart_id, order_id, status, ended_at,
    end_reason, created_by_id
)
SELECT made.key(o.placed - interval '5 minutes', o.o, 22), o.placed - interval '5 minutes',
       COALESCE(e.gone_at, o.confirmed, o.placed), 4, o.coupon_id, o.user_id, o.cart_id, o.id,
       CASE WHEN e.gone_at IS NOT NULL THEN 'rolled_back' WHEN o.confirmed IS NOT NULL THEN 'redeemed'
            ELSE 'bound' END,
       e.gone_at, CASE WHEN e.gone_at IS NULL THEN '' ELSE 'order_cancelled' END, o.user_id
FROM seed_orders o
CROSS JOIN LATERAL (SELECT COALESCE(o.cancelled_at, o.refused_at) AS gone_at) e
WHERE o.coupon_id IS NOT NULL;
