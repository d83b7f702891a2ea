/** The shop is out of reach: what the person does is kept, outlives the app, and happens once. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { Outbox } from "../outbox.js";
import { Offline } from "../problems.js";
import { ok, Shop } from "../shop.js";
import { Pace, steady } from "../steady.js";
import { Noted, Wire } from "../wire.js";
import { logIn, world, worthBuying } from "../world.js";

export async function offline(): Promise<void> {
  const wire = new Wire(world.shop);
  await wire.up();
  const noted = new Noted();
  const shop = new Shop(wire.base, noted.fetch);
  await logIn(shop);
  const [first, second] = await worthBuying(shop, 2);
  assert.ok(first && second);
  const file = join(world.folder, "outbox.json");
  const outbox = new Outbox(file);

  // the first add reaches the shop, but its answer doesn't come back, and then nothing gets through
  outbox.add("/api/v1/cart/items", { variant_id: first.id, quantity: 2 });
  outbox.add("/api/v1/cart/items", { variant_id: second.id, quantity: 1 });
  wire.loseAnswerTo(/^POST .*cart\/items/);
  const impatient = steady(shop.session, noted.fetch, new Pace(1));
  await assert.rejects(outbox.flush(wire.base, impatient), Offline);
  await wire.lost.pop();
  await wire.down();
  await assert.rejects(ok(shop.api.GET("/api/v1/cart")), Offline);
  await assert.rejects(outbox.flush(wire.base, impatient), Offline);
  assert.equal(outbox.length, 2);

  // the app is closed, the connection comes back, the app is opened
  await wire.up();
  const reopened = new Outbox(file);
  assert.equal(reopened.length, 2);
  assert.deepEqual(await reopened.flush(wire.base, steady(shop.session, noted.fetch, new Pace())), []);

  assert.equal(reopened.length, 0);
  const cart = await ok(shop.api.GET("/api/v1/cart"));
  const wanted = [[first.id, 2], [second.id, 1]];
  assert.deepEqual(cart.items.map((line) => [line.variant_id, line.quantity]).sort(), wanted.sort());
  await wire.down();
}
