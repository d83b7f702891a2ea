/** The access token has expired: one refresh for all who need it, asked again when its answer is lost. */
import assert from "node:assert/strict";
import { ok, Shop } from "../shop.js";
import { Noted, Wire } from "../wire.js";
import { logIn, sleep, world } from "../world.js";

const REFRESH = "POST /auth/token/refresh";
const CLOCKS_DIFFER = 5; // seconds that the shop grants beyond a token's end

export async function expiredToken(): Promise<void> {
  const [crowded, cutOff] = [new Shop(world.hastyShop.origin), new Shop(world.hastyShop.origin)];
  await logIn(crowded);
  await logIn(cutOff);
  await expiry(cutOff.session.tokens?.access ?? "");
  await fiveAtOnce(crowded);
  await answerLost(cutOff);
}

/** Five calls are refused at one moment: one refresh, and all five go on. */
async function fiveAtOnce(before: Shop): Promise<void> {
  const noted = new Noted();
  const shop = moved(before, world.shop.origin, noted);

  const five = await Promise.all(Array.from({ length: 5 }, () => ok(shop.api.GET("/api/v1/me"))));

  assert.equal(new Set(five.map((me) => me.id)).size, 1);
  const heard = noted.taken();
  assert.deepEqual(heard.filter((line) => line.startsWith("POST")), [`${REFRESH} 200`]);
  assert.deepEqual(heard.filter((line) => line.endsWith("401")), Array(5).fill("GET /me 401"));
  assert.equal(heard.length, 11);
}

/** The answer to the refresh is lost: the same device is given the same pair again. */
async function answerLost(before: Shop): Promise<void> {
  const wire = new Wire(world.shop);
  await wire.up();
  const noted = new Noted();
  const shop = moved(before, wire.base, noted);
  wire.loseAnswerTo(/^POST .*refresh/);

  await ok(shop.api.GET("/api/v1/me"));

  assert.deepEqual(noted.taken(), ["GET /me 401", `${REFRESH} lost`, `${REFRESH} 200`, "GET /me 200"]);
  assert.deepEqual(shop.session.tokens, JSON.parse((await wire.lost.pop()) ?? ""));
  await wire.down();
}

/** The same device, by another way. */
function moved(from: Shop, base: string, noted: Noted): Shop {
  const shop = new Shop(base, noted.fetch);
  shop.session.deviceId = from.session.deviceId;
  if (from.session.tokens) shop.session.loggedIn(from.session.tokens);
  return shop;
}

/** Until the token that says when it ends has ended. */
async function expiry(token: string): Promise<void> {
  const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as { exp: number };
  await sleep(Math.max(0, claims.exp + CLOCKS_DIFFER + 1 - Date.now() / 1000));
}
