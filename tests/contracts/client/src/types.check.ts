/** What the compiler must refuse: each line below is a mistake that the contract's types catch. */
import { is } from "./problems.js";
import { ok, once, refusal, type Shop } from "./shop.js";

export async function mistakes(shop: Shop): Promise<void> {
  const { api } = shop;
  const id = "0197f3c0-0000-7000-8000-000000000000";
  // @ts-expect-error there is no such path
  await api.GET("/api/v1/order");
  // @ts-expect-error the path knows no such method
  await api.DELETE("/api/v1/orders");
  // @ts-expect-error a path parameter lacks
  await api.GET("/api/v1/orders/{order_id}");
  // @ts-expect-error an order needs its key
  await api.POST("/api/v1/orders", { body: { address_id: id, payment_method: "cod", expected_total: "1.00" } });
  // @ts-expect-error a field lacks
  await api.POST("/api/v1/cart/items", { params: once(), body: { variant_id: id } });
  // @ts-expect-error money is text, never a float
  await api.POST("/api/v1/orders", { params: once(), body: { address_id: id, payment_method: "cod", expected_total: 1 } });
  // @ts-expect-error there is no such way to pay
  await api.POST("/api/v1/checkout", { params: once(), body: { address_id: id, payment_method: "card" } });
  const cart = await ok(api.GET("/api/v1/cart"));
  // @ts-expect-error a cart may be empty
  void cart.items[0].quantity;
  // @ts-expect-error the answer has no such field
  void cart.amount;
  const body = { variant_id: id, quantity: 1 };
  const problem = await refusal(api.POST("/api/v1/cart/items", { params: once(), body }));
  // @ts-expect-error figures are known once the code is
  void problem.context.available;
  if (is(problem, "insufficient_stock")) void problem.context.available.toFixed();
  // @ts-expect-error filling the cart never asks for another total
  is(problem, "quote_changed");
  // @ts-expect-error there is no such code
  if (problem.code === "insuficient_stock") throw new Error();
}
