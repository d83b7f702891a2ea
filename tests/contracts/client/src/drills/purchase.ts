/** A guest fills a cart, logs in, checks out, orders, pays and sees the order. */
import assert from "node:assert/strict";
import { ok, once, Shop } from "../shop.js";
import { ADDRESS, logIn, paidAtProvider, world, worthBuying } from "../world.js";

export async function purchase(): Promise<void> {
  const shop = new Shop(world.shop.origin);
  const { api } = shop;

  const bought = await worthBuying(shop, 2);
  assert.equal(bought.length, 2);
  for (const { id } of bought) {
    await ok(api.POST("/api/v1/cart/items", { params: once(), body: { variant_id: id, quantity: 1 } }));
  }
  assert.ok(shop.session.cartToken, "the guest got no cart token");

  const login = await logIn(shop);
  assert.equal(login.user.is_new, true);
  assert.deepEqual(login.cart_merge?.added.map((line) => line.variant_id).sort(), bought.map(({ id }) => id).sort());

  const address = await ok(api.POST("/api/v1/addresses", { body: ADDRESS }));
  const where = { address_id: address.id, payment_method: "online" as const };
  const { quote } = await ok(api.POST("/api/v1/checkout", { params: once(), body: where }));
  const order = await ok(api.POST("/api/v1/orders", { params: once(), body: { ...where, expected_total: quote.total } }));
  assert.equal(order.status, "pending_payment");
  assert.equal(order.totals.total, quote.total);

  const path = { order_id: order.id };
  const attempt = await ok(api.POST("/api/v1/orders/{order_id}/payments", { params: { path, ...once() }, body: { provider: "sandbox" } }));
  assert.equal(attempt.amount, quote.total);
  const params = { path: { payment_id: attempt.id }, ...once() };
  const verified = await ok(api.POST("/api/v1/payments/{payment_id}/verify", { params, body: paidAtProvider(attempt) }));
  assert.deepEqual([verified.status, verified.order.status, verified.order.payment_status], ["captured", "confirmed", "paid"]);

  const shown = await ok(api.GET("/api/v1/orders/{order_id}", { params: { path } }));
  assert.deepEqual(shown.items.map((line) => line.variant_id).sort(), bought.map(({ id }) => id).sort());
  assert.deepEqual(shown.timeline.map((entry) => entry.status), ["created", "pending_payment", "confirmed"]);
  const { results } = await ok(api.GET("/api/v1/orders"));
  assert.deepEqual(results.map(({ number }) => number), [order.number]);
  assert.deepEqual((await ok(api.GET("/api/v1/cart"))).items, []);
}
