/** Each answer of a purchase is lost once: the app repeats under the same key and reads what was lost. */
import assert from "node:assert/strict";
import { ok, once, Shop } from "../shop.js";
import { Noted, Wire } from "../wire.js";
import { ADDRESS, logIn, paidAtProvider, world, worthBuying } from "../world.js";

export async function lostAnswers(): Promise<void> {
  const wire = new Wire(world.shop);
  await wire.up();
  const noted = new Noted();
  const shop = new Shop(wire.base, noted.fetch);
  const { api } = shop;

  /** Send it, lose the answer, and see that the repetition under the same key reads the same. */
  async function unheard<Body>(line: RegExp, status: number, send: () => Promise<Body>): Promise<Body> {
    wire.loseAnswerTo(line);
    noted.taken();
    const answer = await send();
    assert.deepEqual(noted.taken().map((one) => one.split(" ")[2]), ["lost", String(status)], String(line));
    assert.deepEqual(answer, JSON.parse((await wire.lost.pop()) ?? ""), String(line));
    return answer;
  }

  const [variant] = await worthBuying(shop, 1);
  assert.ok(variant);
  const add = { variant_id: variant.id, quantity: 1 };
  await unheard(/^POST .*cart\/items/, 201, () => ok(api.POST("/api/v1/cart/items", { params: once(), body: add })));
  await logIn(shop);
  const address = await ok(api.POST("/api/v1/addresses", { body: ADDRESS }));
  const where = { address_id: address.id, payment_method: "online" as const };
  const { quote } = await unheard(/^POST .*checkout/, 201, () => ok(api.POST("/api/v1/checkout", { params: once(), body: where })));
  const placing = { ...where, expected_total: quote.total };
  const order = await unheard(/^POST .*orders /, 201, () => ok(api.POST("/api/v1/orders", { params: once(), body: placing })));
  const path = { order_id: order.id };
  const attempt = await unheard(/^POST .*payments/, 201, () =>
    ok(api.POST("/api/v1/orders/{order_id}/payments", { params: { path, ...once() }, body: { provider: "sandbox" } })),
  );
  const paid = paidAtProvider(attempt);
  const paying = { path: { payment_id: attempt.id }, ...once() };
  const verified = await unheard(/^POST .*verify/, 200, () =>
    ok(api.POST("/api/v1/payments/{payment_id}/verify", { params: paying, body: paid })),
  );

  assert.equal(verified.order.payment_status, "paid");
  const { results } = await ok(api.GET("/api/v1/orders"));
  assert.deepEqual(results.map((one) => [one.id, one.items.map((line) => line.quantity)]), [[order.id, [1]]]);
  await wire.down();
}
