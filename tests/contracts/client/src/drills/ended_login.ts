/** A login that was ended elsewhere: the app is told 401 once, forgets its tokens and asks no more. */
import assert from "node:assert/strict";
import { ok, refusal, Shop } from "../shop.js";
import { Noted } from "../wire.js";
import { logIn, world } from "../world.js";

export async function endedLogin(): Promise<void> {
  const noted = new Noted();
  const shop = new Shop(world.shop.origin, noted.fetch);
  const login = await logIn(shop);
  await shop.api.POST("/api/v1/auth/logout", { body: { refresh: login.refresh } });
  noted.taken();

  const problem = await refusal(shop.api.GET("/api/v1/me"));

  assert.equal(problem.status, 401);
  assert.equal(shop.session.tokens, undefined);
  assert.deepEqual(noted.taken(), ["GET /me 401", "POST /auth/token/refresh 401"]);
  await ok(shop.api.GET("/api/v1/home")); // a guest may still look around
}
