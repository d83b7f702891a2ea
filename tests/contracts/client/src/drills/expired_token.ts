/** Five calls find the access token expired at one moment: one refresh, and all five go on. */
import assert from "node:assert/strict";
import { ok, Shop } from "../shop.js";
import { Noted } from "../wire.js";
import { logIn, sleep, world } from "../world.js";

export async function expiredToken(): Promise<void> {
  const hasty = new Shop(world.hastyShop.origin);
  const login = await logIn(hasty);
  const noted = new Noted();
  const shop = new Shop(world.shop.origin, noted.fetch);
  shop.session.loggedIn(login);
  await expiry(login.access);

  const five = await Promise.all(Array.from({ length: 5 }, () => ok(shop.api.GET("/api/v1/me"))));

  assert.deepEqual(five.map((me) => me.id), Array(5).fill(login.user.id));
  const heard = noted.taken();
  assert.deepEqual(heard.filter((line) => line.startsWith("POST")), ["POST /auth/token/refresh 200"]);
  assert.deepEqual(heard.filter((line) => line.endsWith("401")), Array(5).fill("GET /me 401"));
  assert.equal(heard.length, 11);
  assert.notEqual(shop.session.tokens?.refresh, login.refresh);
}

/** Until the token that says when it ends has ended. */
async function expiry(token: string): Promise<void> {
  const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as { exp: number };
  await sleep(Math.max(0, claims.exp + 1 - Date.now() / 1000));
}
