/** The same order is sent twice at one moment: the second waits for the first and reads its answer. */
import assert from "node:assert/strict";
import { ok, once, Shop } from "../shop.js";
import { Noted } from "../wire.js";
import { checkedOut, logIn, newPhone, tell, told, world } from "../world.js";

export async function stillAtWork(): Promise<void> {
  const noted = new Noted();
  const shop = new Shop(world.shop.origin, noted.fetch);
  const phone = newPhone();
  await logIn(shop, phone);
  const sent = { params: once(), body: await checkedOut(shop) };
  const { obey } = shop.pace;
  shop.pace.obey = async (seconds) => {
    tell("waits");
    await obey.call(shop.pace, seconds);
  };
  noted.taken();
  tell("ordering", phone);
  await told("go"); // the test holds the customer's row now, so the first stays at work

  const [one, other] = await Promise.all([
    ok(shop.api.POST("/api/v1/orders", sent)),
    ok(shop.api.POST("/api/v1/orders", sent)),
  ]);

  assert.deepEqual(one, other);
  const heard = noted.taken();
  assert.equal(heard[0], "POST /orders 409");
  assert.deepEqual(heard.filter((line) => line.endsWith("201")), Array(2).fill("POST /orders 201"));
  assert.deepEqual([...new Set(shop.pace.waited)], [1]); // as RETRY_AFTER_SECONDS says
  const { results } = await ok(shop.api.GET("/api/v1/orders"));
  assert.deepEqual(results.map(({ id }) => id), [one.id]);
}
