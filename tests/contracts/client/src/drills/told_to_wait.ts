/** Asked too often: the app waits as long as the shop says, then is served at once. */
import assert from "node:assert/strict";
import { ok, Shop } from "../shop.js";
import { Noted } from "../wire.js";
import { newPhone, world } from "../world.js";

export async function toldToWait(): Promise<void> {
  const noted = new Noted();
  const shop = new Shop(world.shop.origin, noted.fetch);
  const body = { phone: newPhone() };
  const first = await ok(shop.api.POST("/api/v1/auth/otp/send", { body }));

  await ok(shop.api.POST("/api/v1/auth/otp/send", { body }));

  const line = "POST /auth/otp/send";
  assert.deepEqual(noted.taken(), [`${line} 202`, `${line} 429`, `${line} 202`]);
  const [waited, ...more] = shop.pace.waited;
  assert.deepEqual(more, []);
  assert.ok(waited !== undefined && waited >= 1 && waited <= first.resend_after_seconds, String(waited));
}
