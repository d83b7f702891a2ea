/** What is around the app in a drill: a phone that gets messages, the bank's page, the test that watches. */
import { createHmac, randomInt, randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { components } from "./schema.js";
import { ok, once, type Shop } from "./shop.js";

type Schemas = components["schemas"];

function needed(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set; tests/contracts/test_client.py sets it`);
  return value;
}

export const world = {
  shop: new URL(needed("SHOP_URL")),
  /** The same shop, whose access tokens last a second. */
  hastyShop: new URL(needed("HASTY_SHOP_URL")),
  smsDir: needed("SMS_DIR"),
  secret: needed("PAYMENT_SANDBOX_SECRET"),
  folder: needed("DRILL_DIR"),
};

export const ADDRESS: Schemas["AddressInputRequest"] = {
  name: "Meera Nair",
  phone: "+919845012345",
  line1: "14, 3rd Cross, Indiranagar",
  city: "Bengaluru",
  state: "Karnataka",
  pincode: "560001",
  kind: "home",
};

/** A number that nobody has used here. */
export function newPhone(): string {
  return `+916${String(randomInt(10 ** 9)).padStart(9, "0")}`;
}

export async function sleep(seconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

/** The login code that came by SMS; the worker that sends it may be busy. */
export async function codeFor(phone: string): Promise<string> {
  for (let tries = 0; tries < 300; tries += 1) {
    for (const name of messages()) {
      const { to, text } = JSON.parse(readFileSync(join(world.smsDir, name), "utf8")) as { to: string; text: string };
      const code = /\b\d{6}\b/.exec(text)?.[0];
      if (to === phone && code !== undefined) return code;
    }
    await sleep(0.1);
  }
  throw new Error(`no login code came for ${phone}`);
}

function messages(): string[] {
  try {
    return readdirSync(world.smsDir).filter((name) => name.endsWith(".json"));
  } catch {
    return []; // nothing has been sent yet
  }
}

/** Log in by SMS; the guest's cart comes along. */
export async function logIn(shop: Shop, phone = newPhone()): Promise<Schemas["VerifyCodeOutput"]> {
  await ok(shop.api.POST("/api/v1/auth/otp/send", { body: { phone } }));
  const body = { phone, code: await codeFor(phone), device_id: shop.session.deviceId, device_name: "Meera's phone" };
  const login = await ok(shop.api.POST("/api/v1/auth/otp/verify", { body }));
  shop.session.loggedIn(login);
  return login;
}

/** Variants that can be bought, one of each listed product. */
export async function worthBuying(shop: Shop, number: number): Promise<Schemas["VariantOutput"][]> {
  const query = { in_stock: "true" as const, sort: "price" as const };
  const { results } = await ok(shop.api.GET("/api/v1/products", { params: { query } }));
  const pages = await Promise.all(
    results.slice(0, number).map(({ slug }) => ok(shop.api.GET("/api/v1/products/{slug}", { params: { path: { slug } } }))),
  );
  const variants = pages.map((page) => page.variants.find((one) => one.available > 1));
  return variants.filter((one) => one !== undefined);
}

/** A customer who has checked out one product and sees its total. */
export async function checkedOut(shop: Shop): Promise<Schemas["PlaceOrderInputRequest"]> {
  const [variant] = await worthBuying(shop, 1);
  if (variant === undefined) throw new Error("there is nothing to buy");
  await ok(shop.api.POST("/api/v1/cart/items", { params: once(), body: { variant_id: variant.id, quantity: 1 } }));
  const address = await ok(shop.api.POST("/api/v1/addresses", { body: ADDRESS }));
  const where = { address_id: address.id, payment_method: "online" as const };
  const { quote } = await ok(shop.api.POST("/api/v1/checkout", { params: once(), body: where }));
  return { ...where, expected_total: quote.total };
}

/** What the payment provider's page gives the app once the person has paid there. */
export function paidAtProvider(attempt: Schemas["AttemptOutput"]): Schemas["VerifyInputRequest"] {
  const { provider_order_id } = attempt;
  if (provider_order_id === null) throw new Error("there is nothing to pay at the provider");
  const provider_payment_id = `sbx_pay_${randomUUID().replaceAll("-", "")}`;
  const signed = `${provider_order_id}|${provider_payment_id}`;
  const signature = createHmac("sha256", world.secret).update(signed).digest("hex");
  return { provider_order_id, provider_payment_id, signature };
}

/** Tell the test that started this drill. */
export function tell(event: string, detail = ""): void {
  process.stdout.write(`${event} ${detail}\n`);
}

/** Wait for the test's word. */
export async function told(word: string): Promise<void> {
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) if (line === word) return;
  throw new Error(`the test never said ${word}`);
}
