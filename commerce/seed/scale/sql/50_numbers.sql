-- The next number of each kind follows the last one that was given.
SELECT setval('order_number_seq', GREATEST(1, (SELECT MAX(o) FROM seed_orders)));
SELECT setval('return_number_seq', GREATEST(1, (SELECT MAX(r) FROM seed_returns)));
SELECT setval('stock_ledger_seq', (SELECT MAX(seq) FROM stock_ledger));
SELECT setval('outbox_seq', GREATEST(1, (SELECT MAX(seq) FROM outbox)));
SELECT setval('payment_events_seq', GREATEST(1, (SELECT MAX(seq) FROM payment_events)));
