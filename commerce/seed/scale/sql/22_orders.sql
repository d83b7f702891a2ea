-- The way of each order as far as it has come by now, and what it costs.
CREATE TEMP TABLE seed_orders AS
WITH costed AS (
    SELECT s.*, c.id AS coupon_id, COALESCE(c.code, '') AS coupon_code,
           COALESCE(c.discount, 0) AS coupon_discount,
           CASE WHEN s.items_total - COALESCE(c.discount, 0) >= g.free_from
                     OR c.kind = 'free_shipping' THEN 0 ELSE g.shipping_fee END AS shipping_fee,
           CASE WHEN s.in_cash THEN g.cod_fee ELSE 0 END AS cod_fee,
           CASE WHEN s.in_cash THEN 'cod' ELSE 'online' END AS method,
           CASE WHEN s.in_cash THEN s.placed + interval '0.2 seconds'
                ELSE s.placed + made.hours(s.o, 61, 0.02, 0.2) END AS paid_at,
           NOT s.in_cash AND (s.waiting OR made.chance(s.o, 60) < 0.04) AS unpaid,
           made.chance(s.o, 62) < 0.04 AS changes_mind,
           s.in_cash AND made.chance(s.o, 63) < 0.07 AS refuses,
           g.now
    FROM seed_sums s
    LEFT JOIN seed_coupons_used c ON c.o = s.o
    CROSS JOIN seed_fees g
), stepped AS (
    SELECT c.*,
           CASE WHEN c.paid_at < c.now AND NOT c.unpaid THEN c.paid_at END AS confirmed,
           c.paid_at + made.hours(c.o, 64, 2, 30) AS second,
           c.paid_at + made.hours(c.o, 64, 2, 30) + made.hours(c.o, 65, 2, 20) AS shipped,
           c.paid_at + made.hours(c.o, 64, 2, 30) + made.hours(c.o, 65, 2, 20)
               + made.hours(c.o, 66, 18, 100) AS on_road,
           c.paid_at + made.hours(c.o, 64, 2, 30) + made.hours(c.o, 65, 2, 20)
               + made.hours(c.o, 66, 18, 100) + made.hours(c.o, 67, 2, 9) AS arrived
    FROM costed c
), ended AS (
    SELECT s.*,
           CASE WHEN s.unpaid AND s.placed + interval '1820 seconds' < s.now
                THEN s.placed + interval '1820 seconds'
                WHEN s.confirmed IS NOT NULL AND s.changes_mind AND s.second < s.now THEN s.second
           END AS cancelled_at,
           CASE WHEN NOT s.changes_mind AND s.confirmed IS NOT NULL AND s.second < s.now
                THEN s.second END AS packed_at
    FROM stepped s
)
SELECT e.o, e.u, e.user_id, e.a, e.method, e.coupon_id, e.coupon_code, e.coupon_discount,
       e.subtotal, e.items_total, e.shipping_fee, e.cod_fee, e.placed, e.now,
       e.items_total - e.coupon_discount + e.shipping_fee + e.cod_fee AS total,
       e.confirmed, e.cancelled_at, e.packed_at, e.unpaid,
       CASE WHEN e.packed_at IS NOT NULL AND e.shipped < e.now THEN e.shipped END AS shipped_at,
       CASE WHEN e.packed_at IS NOT NULL AND e.on_road < e.now THEN e.on_road END AS on_road_at,
       CASE WHEN e.packed_at IS NOT NULL AND e.arrived < e.now AND NOT e.refuses
            THEN e.arrived END AS delivered_at,
       CASE WHEN e.packed_at IS NOT NULL AND e.arrived < e.now AND e.refuses
            THEN e.arrived END AS refused_at,
       made.key(e.placed, e.o, 9) AS id,
       made.key(e.placed - interval '20 minutes', e.o, 10) AS cart_id,
       made.key(e.placed, e.o, 11) AS payment_id,
       'KS' || to_char(e.placed AT TIME ZONE 'Asia/Kolkata', 'YYMM') || '-'
           || lpad(e.o::text, GREATEST(6, length(e.o::text)), '0') AS number,
       -- money that comes when the time to pay is over goes back
       e.unpaid AND NOT e.waiting AND made.chance(e.o, 68) < 0.1
           AND e.cancelled_at + interval '4 hours' < e.now AS pays_late,
       e.method = 'online' AND made.chance(e.o, 69) < 0.06 AS fails_first
FROM ended e;
ALTER TABLE seed_orders ADD PRIMARY KEY (o);
ANALYZE seed_orders;

-- Parcels on their way back, as far as they have come.
CREATE TEMP TABLE seed_returns AS
WITH asked AS (
    SELECT o.o, o.id AS order_id, o.user_id, o.now, o.placed, o.number AS order_number,
           o.delivered_at + made.hours(o.o, 71, 10, 240) AS requested,
           made.chance(o.o, 72) < 0.1 AS refused
    FROM seed_orders o
    WHERE o.delivered_at IS NOT NULL AND made.chance(o.o, 70) < 0.08
), stepped AS (
    SELECT a.*, a.requested + made.hours(a.o, 73, 3, 30) AS judged,
           a.requested + made.hours(a.o, 73, 3, 30) + made.hours(a.o, 74, 48, 150)
               AS received
    FROM asked a WHERE a.requested < a.now
)
SELECT s.o, s.order_id, s.user_id, s.requested, s.order_number,
       row_number() OVER (ORDER BY s.requested, s.o) AS r,
       CASE WHEN s.judged < s.now THEN s.judged END AS judged, s.refused,
       CASE WHEN NOT s.refused AND s.received + interval '20 minutes' < s.now
            THEN s.received END AS received,
       s.received + made.hours(s.o, 75, 0.05, 0.3) AS repaid,
       made.key(s.requested, s.o, 12) AS id,
       'RT' || to_char(s.requested AT TIME ZONE 'Asia/Kolkata', 'YYMM') || '-'
           || lpad(row_number() OVER (ORDER BY s.requested, s.o)::text, 6, '0') AS number
FROM stepped s;
ANALYZE seed_returns;

CREATE TEMP TABLE seed_return_items AS
SELECT i.l, i.o, i.id AS item_id, made.key(r.requested, i.l, 13) AS id, i.s, r.requested,
       r.received, made.pick(i.l, 76, i.quantity) AS quantity,
       CASE WHEN made.chance(i.l, 77) < 0.15 THEN 'damaged' ELSE 'restock' END AS condition,
       round(i.line_total * made.pick(i.l, 76, i.quantity) / i.quantity, 2) AS amount
FROM seed_returns r
JOIN seed_items i ON i.o = r.o
WHERE made.chance(i.l, 78) < 0.6 OR i.l = (
    SELECT MIN(f.l) FROM seed_items f WHERE f.l BETWEEN r.o * 8 AND r.o * 8 + 7
);
ALTER TABLE seed_return_items ADD PRIMARY KEY (l);
ANALYZE seed_return_items;

-- All money that went back: for cancelled orders, for late payments, for goods, as a goodwill.
CREATE TEMP TABLE seed_refunds AS
SELECT f.*, made.key(f.asked, f.o, 14) AS id, f.asked + interval '90 seconds' AS done
FROM (
    SELECT o.o, o.total AS amount, CASE WHEN o.pays_late THEN 'late_capture' ELSE 'cancelled' END
               AS reason, NULL::uuid AS return_id,
           o.cancelled_at + CASE WHEN o.pays_late THEN interval '2 hours'
                                 ELSE interval '5 seconds' END AS asked
    FROM seed_orders o
    WHERE o.cancelled_at IS NOT NULL AND (o.pays_late OR (o.confirmed IS NOT NULL
                                                         AND o.method = 'online'))
    UNION ALL
    SELECT r.o, SUM(i.amount), 'Return ' || r.number, r.id, r.repaid
    FROM seed_returns r JOIN seed_return_items i ON i.o = r.o
    WHERE r.received IS NOT NULL
    GROUP BY r.o, r.number, r.id, r.repaid
    HAVING SUM(i.amount) > 0
    UNION ALL
    SELECT o.o, floor(o.total / 10) + 1, 'Delivered late', NULL,
           o.delivered_at + made.hours(o.o, 79, 5, 60)
    FROM seed_orders o
    WHERE o.delivered_at + interval '61 hours' < o.now AND made.chance(o.o, 80) < 0.012
      AND NOT EXISTS (SELECT FROM seed_returns r WHERE r.o = o.o)
) f;
ALTER TABLE seed_refunds ADD PRIMARY KEY (o);
ANALYZE seed_refunds;

-- Who sent everything back
CREATE TEMP TABLE seed_all_back AS
SELECT r.o, r.received AS at
FROM seed_returns r
JOIN seed_items i ON i.o = r.o
LEFT JOIN seed_return_items b ON b.l = i.l
WHERE r.received IS NOT NULL
GROUP BY r.o, r.received
HAVING bool_and(b.quantity IS NOT DISTINCT FROM i.quantity);
ALTER TABLE seed_all_back ADD PRIMARY KEY (o);
