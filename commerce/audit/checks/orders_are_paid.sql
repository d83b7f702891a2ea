-- orders_are_paid: an order under way is paid for; cash on delivery is due until the door, and paid behind it.
-- Operator: stop the shipment; look for the payment in the provider's records, or for the cash at the carrier.
SELECT 'orders_are_paid' AS invariant,
       'orders' AS "table",
       id,
       format('%s, %s, is %s and %s', number, payment_method, status, payment_status) AS detail
FROM priced_orders
WHERE CASE
    WHEN status IN ('created', 'pending_payment', 'cancelled', 'returned_to_origin')
        THEN payment_status = 'cod_due'
    WHEN payment_method = 'cod' AND status NOT IN ('delivered', 'returned') THEN payment_status <> 'cod_due'
    ELSE payment_status IN ('unpaid', 'cod_due')
END
