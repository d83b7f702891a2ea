/** Refusals are documents of the contract's shape, told apart by code, with the figures to show. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { is, type Problem } from "../problems.js";
import { ok, once, refusal, Shop } from "../shop.js";
import { checkedOut, logIn, world, worthBuying } from "../world.js";

const MEMBERS = ["type", "title", "status", "detail", "instance", "code", "human_readable_cause", "suggested_action"] as const;

function whole(problem: Problem, status: number, code: string): Problem {
  assert.deepEqual([problem.status, problem.code], [status, code]);
  for (const member of MEMBERS) assert.ok(problem[member], `${code} lacks ${member}`);
  return problem;
}

export async function refusals(): Promise<void> {
  const shop = new Shop(world.shop.origin);
  const { api } = shop;
  whole(await refusal(api.GET("/api/v1/me")), 401, "not_authenticated");
  await logIn(shop);

  const order_id = randomUUID();
  whole(await refusal(api.GET("/api/v1/orders/{order_id}", { params: { path: { order_id } } })), 404, "order_not_found");

  const [variant] = await worthBuying(shop, 1);
  assert.ok(variant);
  const many = await refusal(api.POST("/api/v1/cart/items", { params: once(), body: { variant_id: variant.id, quantity: 11 } }));
  if (many.code === "validation_failed") {
    assert.deepEqual(many.errors?.map(({ pointer, code }) => [pointer, code]), [["/quantity", "max_value"]]);
  } else {
    whole(many, 422, "line_limit_exceeded");
    assert.ok(is(many, "line_limit_exceeded"));
    assert.equal(many.context.maximum, 10);
  }

  const placing = await checkedOut(shop);
  const changed = await refusal(api.POST("/api/v1/orders", { params: once(), body: { ...placing, expected_total: "1.00" } }));
  whole(changed, 409, "quote_changed");
  assert.ok(is(changed, "quote_changed"));
  assert.deepEqual([changed.context.expected, changed.context.actual], ["1.00", placing.expected_total]);
  await ok(api.POST("/api/v1/orders", { params: once(), body: placing }));
}
