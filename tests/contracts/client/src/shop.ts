/** The app's way to the shop: every path, body and answer typed by the contract. */
import { randomUUID } from "node:crypto";
import createClient, { type Client } from "openapi-fetch";
import { Offline, Refused, type Problem } from "./problems.js";
import type { paths } from "./schema.js";
import { Session, type Fetch } from "./session.js";
import { Pace, steady } from "./steady.js";

interface Answered<Data, Why> {
  data?: Data;
  error?: Why;
  response: Response;
}

export class Shop {
  readonly session: Session;
  readonly api: Client<paths, `${string}/${string}`>;

  constructor(
    readonly base: string,
    wire: Fetch = (request) => fetch(request),
    readonly pace = new Pace(),
  ) {
    this.session = new Session(base, wire);
    this.api = createClient<paths>({ baseUrl: base, fetch: steady(this.session, wire, pace) });
  }
}

/** The body of an answer, or a throw: Refused with the problem document, never a silent undefined. */
export async function ok<Data>(asked: Promise<Answered<Data, Problem>>): Promise<NonNullable<Data>> {
  const { data, error, response } = await asked;
  if (error !== undefined) throw new Refused(error);
  if (data === undefined || data === null) throw new Offline(`an empty ${response.status}`);
  return data;
}

/** The refusal that an answer is expected to be; its codes are those that the operation can give. */
export async function refusal<Why extends Problem>(asked: Promise<Answered<unknown, Why>>): Promise<Why> {
  const { error, response } = await asked;
  if (error === undefined) throw new Error(`expected a refusal, got ${response.status}`);
  return error;
}

/** Headers of one intention: a fresh key, kept for every repetition of the same request. */
export function once(key: string = randomUUID()): { header: { "Idempotency-Key": string } } {
  return { header: { "Idempotency-Key": key } };
}
